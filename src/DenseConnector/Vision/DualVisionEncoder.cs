using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>
/// The two vision towers of Mini-Gemini (arXiv 2403.18814): a transformer reads the picture small and gives the tokens,
/// a ConvNeXt reads it large and gives the map they are refined with.
/// </summary>
/// <remarks>
/// <c>[batch, 3, side, side]</c>, normalised with the transformer's statistics → its features, and the map as
/// <see cref="VisionFeatures.Detail"/>. The small picture is made from the normalised large one, as the official
/// scripts do (<c>model_vqa_loader.py</c>).
/// </remarks>
internal sealed class DualVisionEncoder : VisionEncoder
{
    private readonly VisionEncoder _low;
    private readonly ConvNextEncoder _high;
    private readonly long[] _lowSize;

    /// <summary>Joins the two; they are disposed with this module.</summary>
    /// <param name="weights">Any scope of the model: it tells type and device.</param>
    /// <param name="config">The transformer.</param>
    /// <param name="low">The transformer's encoder.</param>
    /// <param name="high">The ConvNeXt.</param>
    public DualVisionEncoder(WeightScope weights, VisionConfig config, VisionEncoder low, ConvNextEncoder high)
        : base(nameof(DualVisionEncoder), weights, config)
    {
        _low = low;
        _high = high;
        _lowSize = [config.ImageSize, config.ImageSize];
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override int LayersRun => _low.LayersRun;

    /// <summary>The picture is made small before it is rounded to the type the towers compute in.</summary>
    public override ScalarType InputType => ScalarType.Float32;

    /// <inheritdoc/>
    private protected override VisionFeatures Encode(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor small = nn.functional.interpolate(
            pixels, _lowSize, mode: InterpolationMode.Bilinear, align_corners: false);
        VisionFeatures features = _low.call(small.to(Type)) with { Detail = _high.call(pixels.to(Type)) };
        scope.MoveToOuter([features.Last, .. features.Means, features.Detail!]);
        return features;
    }
}
