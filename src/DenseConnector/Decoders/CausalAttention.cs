using DenseConnector.Configuration;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// Causal self-attention over a key/value cache, with rotary positions and grouped heads (<c>LlamaAttention</c>).
/// </summary>
/// <remarks>
/// Several query heads may share one key/value head. Their rows are put under each other, so keys and values are never
/// repeated: <c>[rows, keyValueHeads, group · tokens, headSize]</c> against <c>[rows, keyValueHeads, past + tokens,
/// headSize]</c>.
/// </remarks>
internal sealed class CausalAttention : nn.Module<Tensor, KeyValueCache, Tensor>
{
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly RotaryEmbedding _rotary;
    private readonly int _layer;
    private readonly long _keyValueHeads;
    private readonly long _group;
    private readonly long _headSize;

    /// <summary>Reads the four projections; the rotary tables are shared by all layers.</summary>
    /// <param name="weights">The scope of the layer's attention.</param>
    /// <param name="config">The decoder.</param>
    /// <param name="rotary">The rotary tables.</param>
    /// <param name="layer">The layer's index, its place in the cache.</param>
    /// <param name="outputName">The checkpoint's name of the output projection.</param>
    public CausalAttention(
        WeightScope weights, DecoderConfig config, RotaryEmbedding rotary, int layer, string outputName = "o_proj")
        : base(nameof(CausalAttention))
    {
        _layer = layer;
        _keyValueHeads = config.KeyValueHeads;
        _group = config.Heads / config.KeyValueHeads;
        _headSize = config.HeadSize;
        long queryWidth = (long)config.Heads * config.HeadSize;
        long keyWidth = _keyValueHeads * _headSize;
        _query = weights.Linear("q_proj", config.HiddenSize, queryWidth, config.QueryKeyValueBias);
        _key = weights.Linear("k_proj", config.HiddenSize, keyWidth, config.QueryKeyValueBias);
        _value = weights.Linear("v_proj", config.HiddenSize, keyWidth, config.QueryKeyValueBias);
        _output = weights.Linear(outputName, queryWidth, config.HiddenSize, config.OutputBias);
        _rotary = rotary;

        // Checkpoints from before transformers 4.32 hold the frequencies, which follow from the configuration.
        weights.Ignore("rotary_emb");
        RegisterComponents();
    }

    /// <summary>New tokens <c>[rows, tokens, hidden]</c> behind the cache's past → the same.</summary>
    public override Tensor forward(Tensor input, KeyValueCache cache)
    {
        using DisposeScope scope = NewDisposeScope();
        long rows = input.shape[0];
        long tokens = input.shape[1];
        Tensor query = _rotary.call(Heads(_query.call(input)), cache.Length);
        Tensor key = _rotary.call(Heads(_key.call(input)), cache.Length);
        (Tensor keys, Tensor values) = cache.Append(_layer, key, Heads(_value.call(input)));

        // [rows, keyValueHeads, group · tokens, headSize]
        query = query.reshape(rows, _keyValueHeads, _group * tokens, _headSize);
        bool plainCausal = cache.Length == 0 && _group == 1 && tokens > 1;
        Tensor? mask = tokens == 1 || plainCausal ? null : CausalMask(cache.Length, tokens, input.device);
        Tensor attended = nn.functional.scaled_dot_product_attention(query, keys, values, mask, 0, plainCausal);
        attended = attended
            .reshape(rows, _keyValueHeads * _group, tokens, _headSize)
            .transpose(1, 2)
            .reshape(rows, tokens, _keyValueHeads * _group * _headSize); // [rows, tokens, heads · headSize]
        return _output.call(attended).MoveToOuterDisposeScope();
    }

    /// <summary><c>[rows, tokens, heads · headSize]</c> → <c>[rows, heads, tokens, headSize]</c>.</summary>
    private Tensor Heads(Tensor projected) =>
        projected.view(projected.shape[0], projected.shape[1], -1, _headSize).transpose(1, 2);

    /// <summary>
    /// Which keys a new token may see: <c>[group · tokens, past + tokens]</c>, the same rows for each query head of a
    /// group.
    /// </summary>
    private Tensor CausalMask(long past, long tokens, Device device)
    {
        Tensor mask = tril(ones([tokens, past + tokens], ScalarType.Bool, device), past);
        return _group == 1 ? mask : mask.repeat(_group, 1);
    }
}
