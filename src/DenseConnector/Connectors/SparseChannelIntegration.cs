using static TorchSharp.torch;

namespace DenseConnector.Connectors;

/// <summary>
/// Sparse Channel Integration: appends two earlier layers as further channels of the last feature (arXiv 2405.13800,
/// section "Dense Connector").
/// </summary>
/// <remarks>
/// <c>[batch, patches, width]</c> → <c>[batch, patches, 3 · width]</c>, the last feature first, then the lower, then
/// the higher layer.
/// </remarks>
/// <param name="layers">The encoder's layer table.</param>
public sealed class SparseChannelIntegration(EncoderLayers layers)
    : Connector(nameof(SparseChannelIntegration), layers.Sparse)
{
    /// <inheritdoc/>
    public override long OutputWidth(long encoderWidth) => encoderWidth * (1 + Ranges.Count);

    /// <inheritdoc/>
    public override int TokenCount(int patches) => patches;

    /// <inheritdoc/>
    private protected override Tensor Join(VisionFeatures features) => cat([features.Last, .. features.Means], -1);
}
