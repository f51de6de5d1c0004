using DenseConnector.Decoders;
using DenseConnector.Multimodal;

namespace DenseConnector;

/// <summary>The modules of a loaded model; disposing frees their weights.</summary>
/// <param name="Visuals">Pixels → visual tokens.</param>
/// <param name="Decoder">Embeddings → logits.</param>
internal sealed record ModelParts(VisualEmbedder Visuals, Decoder Decoder) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Visuals.Dispose();
        Decoder.Dispose();
    }
}
