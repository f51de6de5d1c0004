using DenseConnector.Configuration;
using DenseConnector.Kernels;
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
internal sealed class CausalAttention : nn.Module<Tensor, DecoderBatch, Tensor>
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
    private readonly WorkerTeam? _team;
    private readonly DecodeAttention _decodeKernel;
    private readonly PromptAttention _promptKernel;

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
        _team = weights.Compute.Team;
        _decodeKernel = new DecodeAttention(config.Heads, config.KeyValueHeads, config.HeadSize);
        _promptKernel = new PromptAttention(config.Heads, config.KeyValueHeads, config.HeadSize);

        // Checkpoints from before transformers 4.32 hold the frequencies, which follow from the configuration.
        weights.Ignore("rotary_emb");
        RegisterComponents();
    }

    /// <summary>New tokens <c>[tokens, hidden]</c>, each span behind its cache's past → the same.</summary>
    public override Tensor forward(Tensor input, DecoderBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] projected = Linear.Call(input, _query, _key, _value);
        (Tensor query, Tensor key, Tensor value) = (projected[0], projected[1], projected[2]);
        Tensor attended = _team is not null
            ? AttendWithKernels(_team, query, key, value, batch)
            : AttendSpans(query, key, value, batch);
        return _output.call(attended).MoveToOuterDisposeScope();
    }

    /// <summary>On a CPU: queries and keys are turned in place, and nothing here wakes libtorch's threads.</summary>
    private Tensor AttendWithKernels(WorkerTeam team, Tensor query, Tensor key, Tensor value, DecoderBatch batch)
    {
        RowBlock queries = TensorRows.Of(query), keys = TensorRows.Of(key), values = TensorRows.Of(value);
        int[] positions = [.. batch.Spans.SelectMany(Positions)];
        _rotary.Turn(team, queries, (int)_headSize, positions);
        _rotary.Turn(team, keys, (int)_headSize, positions);
        KeyValueRows[] sequences = new KeyValueRows[batch.Spans.Sum(span => span.Rows)];
        (int token, int row) = (0, 0);
        foreach (CacheSpan span in batch.Spans)
        {
            Span<KeyValueRows> rows = sequences.AsSpan(row, span.Rows);
            span.Cache.Append(_layer, keys.Rows(token, span.Length), values.Rows(token, span.Length), rows);
            token += span.Length;
            row += span.Rows;
        }

        Tensor attended = TensorRows.Empty(query, query.size(-1));
        RowBlock outputs = TensorRows.Of(attended);
        if (sequences.Length == positions.Length)
        {
            _decodeKernel.Run(team, queries, sequences, outputs);
            return attended;
        }

        (token, row) = (0, 0);
        foreach (CacheSpan span in batch.Spans)
        {
            for (int i = 0; i < span.Rows; i++)
            {
                _promptKernel.Run(
                    team,
                    queries.Rows(token, span.Tokens),
                    sequences[row++],
                    isCausal: true,
                    outputs.Rows(token, span.Tokens));
                token += span.Tokens;
            }
        }

        return attended;
    }

    /// <summary>The position of each of a span's tokens, row after row.</summary>
    private static IEnumerable<int> Positions(CacheSpan span) =>
        Enumerable.Repeat(Enumerable.Range(span.Cache.Length, span.Tokens), span.Rows).SelectMany(row => row);

    /// <summary>Any number of new tokens for each request.</summary>
    private Tensor AttendSpans(Tensor query, Tensor key, Tensor value, DecoderBatch batch)
    {
        Tensor[] attended = new Tensor[batch.Spans.Count];
        int start = 0;
        for (int i = 0; i < attended.Length; i++)
        {
            CacheSpan span = batch.Spans[i];
            attended[i] = AttendSpan(
                query.narrow(0, start, span.Length),
                key.narrow(0, start, span.Length),
                value.narrow(0, start, span.Length),
                span);
            start += span.Length;
        }

        return attended.Length == 1 ? attended[0] : cat(attended, 0);
    }

    /// <summary>
    /// One request's part: queries, keys and values <c>[rows · tokens, heads · headSize]</c> → what its new tokens see,
    /// <c>[rows · tokens, heads · headSize]</c>. Appends keys and values to the cache.
    /// </summary>
    private Tensor AttendSpan(Tensor query, Tensor key, Tensor value, CacheSpan span)
    {
        int past = span.Cache.Length;
        Tensor turned = _rotary.call(Heads(query, span), past);
        (Tensor keys, Tensor values) =
            span.Cache.Append(_layer, _rotary.call(Heads(key, span), past), Heads(value, span));
        return Attend(turned, keys, values, past).transpose(1, 2).reshape(span.Length, -1);
    }

    /// <summary>
    /// Queries <c>[rows, heads, tokens, headSize]</c> against keys and values <c>[rows, keyValueHeads, past + tokens,
    /// headSize]</c> → <c>[rows, heads, tokens, headSize]</c>.
    /// </summary>
    private Tensor Attend(Tensor query, Tensor keys, Tensor values, int past)
    {
        long rows = query.shape[0];
        long tokens = query.shape[2];
        Tensor grouped = query.reshape(rows, _keyValueHeads, _group * tokens, _headSize);
        bool plainCausal = past == 0 && _group == 1 && tokens > 1;
        Tensor? mask = tokens == 1 || plainCausal ? null : CausalMask(past, tokens, query.device);
        return nn.functional.scaled_dot_product_attention(grouped, keys, values, mask, 0, plainCausal)
            .reshape(rows, _keyValueHeads * _group, tokens, _headSize);
    }

    /// <summary><c>[rows · tokens, heads · headSize]</c> → <c>[rows, heads, tokens, headSize]</c>.</summary>
    private Tensor Heads(Tensor projected, CacheSpan span) =>
        projected.view(span.Rows, span.Tokens, -1, _headSize).transpose(1, 2);

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
