using DenseConnector.Decoders;
using DenseConnector.Loading;
using DenseConnector.Multimodal;
using static TorchSharp.torch;

namespace DenseConnector;

/// <summary>The modules of a loaded model; disposing frees their weights.</summary>
/// <param name="Visuals">Pixels → visual tokens.</param>
/// <param name="Decoder">Embeddings → logits.</param>
/// <param name="Compute">What the modules share; disposed with them.</param>
internal sealed record ModelParts(VisualEmbedder Visuals, Decoder Decoder, ComputeContext Compute) : IDisposable
{
    /// <summary>Every tensor the modules own: weights and tables.</summary>
    public IEnumerable<Tensor> Tensors =>
        new nn.Module[] { Visuals, Decoder }.SelectMany(part => part.parameters().Concat(part.buffers()));

    /// <inheritdoc/>
    public void Dispose()
    {
        Visuals.Dispose();
        Decoder.Dispose();
        Compute.Dispose();
    }
}
