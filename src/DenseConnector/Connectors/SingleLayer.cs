using static TorchSharp.torch;

namespace DenseConnector.Connectors;

/// <summary>The baseline of LLaVA-1.5: the last feature alone.</summary>
/// <remarks><c>[batch, patches, width]</c> → the same.</remarks>
public sealed class SingleLayer() : Connector(nameof(SingleLayer), [])
{
    /// <inheritdoc/>
    public override long OutputWidth(long encoderWidth) => encoderWidth;

    /// <inheritdoc/>
    public override int TokenCount(int patches) => patches;

    /// <inheritdoc/>
    private protected override Tensor Join(VisionFeatures features) => features.Last.alias();
}
