using DenseConnector.Configuration;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// A language model that reads embeddings: <c>[tokens, hidden]</c> of one or several requests, each behind its cache's
/// past → the final hidden states, the same shape, normalised and ready for <see cref="Score"/>.
/// </summary>
/// <remarks>Used on the inference thread. Disposing frees the weights.</remarks>
internal abstract class Decoder : nn.Module<Tensor, DecoderBatch, Tensor>
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

    /// <summary>
    /// Final hidden states <c>[rows, hidden]</c> → logits <c>[rows · vocabulary]</c> in this process's memory: the one
    /// copy from the device in a step.
    /// </summary>
    public float[] ScoreToHost(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        return TensorRows.ToSingle(Score(hidden));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The embeddings or a cache lie on another device or are of another type, or the spans do not cover the
    /// embeddings.
    /// </exception>
    public sealed override Tensor forward(Tensor embeddings, DecoderBatch batch)
    {
        DeviceGuard guard = new(GetName(), Device, Type);
        guard.Require(embeddings, "embeddings");
        foreach (CacheSpan span in batch.Spans)
        {
            guard.Require(span.Cache.Device, span.Cache.Type, "keys and values of the cache");
        }

        if (embeddings.shape is not [long tokens, _] || tokens != batch.Tokens)
        {
            throw new ArgumentException(
                $"The embeddings have shape [{string.Join(", ", embeddings.shape)}], the spans hold {batch.Tokens} " +
                $"tokens; expected [{batch.Tokens}, {Config.HiddenSize}].");
        }

        return Decode(embeddings, batch);
    }

    /// <summary>What <see cref="Embed"/> gives, for ids of the right device and type.</summary>
    private protected abstract Tensor LookUp(Tensor ids);

    /// <summary>What <see cref="forward"/> gives, for embeddings and caches of the right device and type.</summary>
    private protected abstract Tensor Decode(Tensor embeddings, DecoderBatch batch);

    /// <summary>Runs layers one behind the other and counts the new tokens as past.</summary>
    /// <remarks>A layer's output is freed as soon as the next layer has read it.</remarks>
    private protected static Tensor RunLayers(
        IEnumerable<nn.Module<Tensor, DecoderBatch, Tensor>> layers, Tensor embeddings, DecoderBatch batch)
    {
        Tensor hidden = embeddings;
        foreach (nn.Module<Tensor, DecoderBatch, Tensor> layer in layers)
        {
            Tensor next = layer.call(hidden, batch);
            if (!ReferenceEquals(hidden, embeddings))
            {
                hidden.Dispose();
            }

            hidden = next;
        }

        batch.Advance();
        return hidden;
    }
}
