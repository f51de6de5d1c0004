using DenseConnector.Configuration;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// A language model that reads embeddings: <c>[1, tokens, hidden]</c> behind a cache's past → the final hidden states
/// <c>[1, tokens, hidden]</c>, normalised and ready for <see cref="Score"/>.
/// </summary>
/// <remarks>Used on the inference thread. Disposing frees the weights.</remarks>
internal abstract class Decoder : nn.Module<Tensor, KeyValueCache, Tensor>
{
    private protected Decoder(string name, DecoderConfig config)
        : base(name)
    {
        Config = config;
    }

    /// <summary>The configuration the decoder was built from.</summary>
    public DecoderConfig Config { get; }

    /// <summary>The type the decoder computes in.</summary>
    public abstract ScalarType Type { get; }

    /// <summary>The device the decoder's input is expected on.</summary>
    public abstract Device Device { get; }

    /// <summary>Token ids <c>[tokens]</c> → embeddings <c>[tokens, hidden]</c>.</summary>
    public abstract Tensor Embed(Tensor ids);

    /// <summary>Final hidden states <c>[..., hidden]</c> → logits <c>[..., vocabulary]</c>.</summary>
    public abstract Tensor Score(Tensor hidden);
}
