using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Connectors;

/// <summary>
/// Sparse Token Integration: pools two earlier layers and appends them as further tokens (arXiv 2405.13800, section
/// "Dense Connector").
/// </summary>
/// <remarks>
/// <c>[batch, patches, width]</c> → <c>[batch, patches + 2 · ⌊patches / 8⌋, width]</c>, the last feature first, then
/// the lower, then the higher layer. Tokens that fill no whole window of 8 are dropped, as
/// <c>AvgPool1d(kernel_size=8, stride=8)</c> does.
/// </remarks>
/// <param name="layers">The encoder's layer table.</param>
public sealed class SparseTokenIntegration(EncoderLayers layers)
    : Connector(nameof(SparseTokenIntegration), layers.Sparse)
{
    private const int Window = 8;

    /// <inheritdoc/>
    public override long OutputWidth(long encoderWidth) => encoderWidth;

    /// <inheritdoc/>
    public override int TokenCount(int patches) => patches + (Ranges.Count * (patches / Window));

    /// <inheritdoc/>
    private protected override Tensor Join(VisionFeatures features)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] parts = [features.Last, .. features.Means.Select(Pool)];
        return cat(parts, 1).MoveToOuterDisposeScope();
    }

    private static Tensor Pool(Tensor feature)
    {
        long windows = feature.shape[1] / Window;
        return feature.narrow(1, 0, windows * Window)
            .reshape(feature.shape[0], windows, Window, feature.shape[2])
            .mean([2]); // [batch, windows, width]
    }
}
