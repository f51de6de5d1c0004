using DenseConnector.Configuration;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// A language model that reads embeddings: <c>[rows, tokens, hidden]</c> behind a cache's past → the final hidden
/// states, the same shape, normalised and ready for <see cref="Score"/>.
/// </summary>
/// <remarks>Used on the inference thread. Disposing frees the weights.</remarks>
internal abstract class Decoder : nn.Module<Tensor, KeyValueCache, Tensor>
{
    private protected Decoder(string name, WeightScope weights, DecoderConfig config)
        : base(name)
    {
        Config = config;
        Type = weights.Type;
        Device = weights.Device;
    }

    /// <summary>The configuration the decoder was built from.</summary>
    public DecoderConfig Config { get; }

    /// <summary>The type the decoder computes in.</summary>
    public ScalarType Type { get; }

    /// <summary>The device the decoder's input is expected on.</summary>
    public Device Device { get; }

    /// <summary>Token ids <c>[tokens]</c> → embeddings <c>[tokens, hidden]</c>.</summary>
    public abstract Tensor Embed(Tensor ids);

    /// <summary>Final hidden states <c>[..., hidden]</c> → logits <c>[..., vocabulary]</c>.</summary>
    public abstract Tensor Score(Tensor hidden);

    /// <summary>Runs layers one behind the other and counts the new tokens as past.</summary>
    /// <remarks>A layer's output is freed as soon as the next layer has read it.</remarks>
    private protected static Tensor RunLayers(
        IEnumerable<nn.Module<Tensor, KeyValueCache, Tensor>> layers, Tensor embeddings, KeyValueCache cache)
    {
        Tensor hidden = embeddings;
        foreach (nn.Module<Tensor, KeyValueCache, Tensor> layer in layers)
        {
            Tensor next = layer.call(hidden, cache);
            if (!ReferenceEquals(hidden, embeddings))
            {
                hidden.Dispose();
            }

            hidden = next;
        }

        cache.Advance((int)embeddings.shape[1]);
        return hidden;
    }
}
