using DenseConnector.Configuration;
using DenseConnector.Layers;
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
    /// <exception cref="ArgumentException">The ids lie on another device or are no Int64.</exception>
    public Tensor Embed(Tensor ids)
    {
        new DeviceGuard(GetName(), Device, ScalarType.Int64).Require(ids, "token ids");
        return LookUp(ids);
    }

    /// <summary>Final hidden states <c>[..., hidden]</c> → logits <c>[..., vocabulary]</c>.</summary>
    public abstract Tensor Score(Tensor hidden);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The embeddings or the cache lie on another device or are of another type.
    /// </exception>
    public sealed override Tensor forward(Tensor embeddings, KeyValueCache cache)
    {
        DeviceGuard guard = new(GetName(), Device, Type);
        guard.Require(embeddings, "embeddings");
        guard.Require(cache.Device, cache.Type, "keys and values of the cache");
        return Decode(embeddings, cache);
    }

    /// <summary>What <see cref="Embed"/> gives, for ids of the right device and type.</summary>
    private protected abstract Tensor LookUp(Tensor ids);

    /// <summary>What <see cref="forward"/> gives, for embeddings and a cache of the right device and type.</summary>
    private protected abstract Tensor Decode(Tensor embeddings, KeyValueCache cache);

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
