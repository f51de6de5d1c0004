using static TorchSharp.torch;

namespace DenseConnector.Connectors;

/// <summary>What a vision encoder hands to a connector.</summary>
/// <remarks>Holds the tensors, does not own them: they live as long as the scope they were made in.</remarks>
/// <param name="Last">The last feature, class token dropped: <c>[batch, patches, width]</c>.</param>
/// <param name="Means">
/// For each of the connector's <see cref="Connector.Ranges"/>, in order, the mean of those hidden states, class token
/// dropped: <c>[batch, patches, width]</c>.
/// </param>
public sealed record VisionFeatures(Tensor Last, IReadOnlyList<Tensor> Means)
{
    /// <summary>
    /// The map of a second, high-resolution encoder: <c>[batch, channels, side, side]</c>, or <c>null</c> if there is
    /// none. Only Mini-Gemini has one.
    /// </summary>
    public Tensor? Detail { get; init; }
}
