using DenseConnector.Decoders;
using DenseConnector.Layers;
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

    /// <summary>The format most of the decoder's matrices are kept in.</summary>
    public Quantization Quantization => Decoder.modules().Any(module => module is Int4Weight)
        ? Quantization.Int4
        : Decoder.modules().Any(module => module is Int8Weight) ? Quantization.Int8 : Quantization.None;

    /// <summary>Number of weights, whatever format they are kept in.</summary>
    public long CountWeights() => CountWeights(Visuals) + CountWeights(Decoder);

    /// <summary>Number of weights of one of the parts.</summary>
    public static long CountWeights(nn.Module part) =>
        part.parameters().Sum(weight => weight.numel()) +
        part.modules().OfType<LinearWeight>().Where(weight => weight is not DenseWeight).Sum(weight => weight.Count);

    /// <inheritdoc/>
    public void Dispose()
    {
        Visuals.Dispose();
        Decoder.Dispose();
        Compute.Dispose();
    }
}
