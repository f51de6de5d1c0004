using DenseConnector.Configuration;
using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// The keys and values of one request's past tokens, for every layer: allocated beforehand, written in place.
/// </summary>
/// <remarks>
/// Per layer two tensors <c>[rows, keyValueHeads, capacity, headSize]</c>: one row, or one for each beam of a beam
/// search, all equally long. The first row may be written alone and then copied to the others. Owns its tensors,
/// detached from scopes; disposing frees them. Used on the inference thread.
/// </remarks>
internal sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly int _heads;
    private readonly int _headSize;
    private (nint Keys, nint Values)[]? _addresses;

    /// <summary>Allocates room for <paramref name="capacity"/> tokens in each row.</summary>
    public KeyValueCache(DecoderConfig config, int capacity, ScalarType type, Device device, int rows = 1)
    {
        _heads = config.KeyValueHeads;
        _headSize = config.HeadSize;
        Capacity = capacity;
        Rows = rows;
        Type = type;
        Device = device;
        long[] shape = [rows, config.KeyValueHeads, capacity, config.HeadSize];

        // Where memory ends in the middle, what was allocated goes with the scope.
        using DisposeScope scope = NewDisposeScope();
        _keys = Allocate(config.Layers, shape, type, device);
        _values = Allocate(config.Layers, shape, type, device);
        scope.Detach(_keys.Concat(_values));
    }

    /// <summary>The most tokens the cache can hold.</summary>
    public int Capacity { get; private set; }

    /// <summary>1, or the number of beams.</summary>
    public int Rows { get; private set; }

    /// <summary>The type of keys and values.</summary>
    public ScalarType Type { get; }

    /// <summary>The device keys and values lie on.</summary>
    public Device Device { get; }

    /// <summary>The tokens every layer has seen; the next token's position.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes of the cache's tensors.</summary>
    public long Bytes => 2 * _keys.Length * _keys[0].numel() * _keys[0].element_size();

    /// <summary>What <see cref="Bytes"/> of a cache will be.</summary>
    public static long CountBytes(DecoderConfig config, int capacity, ScalarType type, int rows = 1) =>
        2L * config.Layers * rows * config.KeyValueHeads * capacity * config.HeadSize * type.ElementSize();

    /// <summary>
    /// Writes one layer's keys and values of new tokens behind the <see cref="Length"/> past ones and returns views of
    /// both together.
    /// </summary>
    /// <param name="layer">The layer's index.</param>
    /// <param name="keys">
    /// New keys, <c>[rows, keyValueHeads, tokens, headSize]</c>, positions already applied; the first rows will do.
    /// </param>
    /// <param name="values">New values, the same shape.</param>
    /// <returns>Views <c>[rows, keyValueHeads, Length + tokens, headSize]</c>.</returns>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        long tokens = keys.shape[2];
        return (Write(_keys[layer], keys, tokens), Write(_values[layer], values, tokens));
    }

    /// <summary>
    /// Writes one layer's keys and values of new tokens into a cache on the CPU, and tells where the kernels find each
    /// row's keys and values.
    /// </summary>
    /// <param name="layer">The layer's index.</param>
    /// <param name="keys">
    /// New keys, rows of <c>keyValueHeads · headSize</c>, positions already applied: equally many for each row of the
    /// cache, row after row.
    /// </param>
    /// <param name="values">New values, likewise.</param>
    /// <param name="sequences">One for each row of the cache that is written; the first rows will do.</param>
    public unsafe void Append(int layer, RowBlock keys, RowBlock values, Span<KeyValueRows> sequences)
    {
        _addresses ??= [.. _keys.Zip(
            _values, (key, value) => (TensorRows.Address(key), TensorRows.Address(value)))];
        (nint keyMemory, nint valueMemory) = _addresses[layer];
        bool isBFloat16 = Type == ScalarType.BFloat16;
        long rowBytes = (long)_heads * Capacity * _headSize * (isBFloat16 ? sizeof(ushort) : sizeof(float));
        int tokens = keys.Count / sequences.Length;
        for (int row = 0; row < sequences.Length; row++)
        {
            KeyValueRows sequence = new(
                keyMemory + (nint)(row * rowBytes),
                valueMemory + (nint)(row * rowBytes),
                isBFloat16,
                Length + tokens,
                (long)Capacity * _headSize,
                _headSize);
            sequence.Write(Length, _heads, keys.Rows(row * tokens, tokens), values.Rows(row * tokens, tokens));
            sequences[row] = sequence;
        }
    }

    /// <summary>Counts new tokens as past, after the last layer has appended them.</summary>
    public void Advance(int tokens) => Length += tokens;

    /// <summary>Forgets the tokens behind the first <paramref name="length"/>.</summary>
    public void Truncate(int length) => Length = Math.Min(length, Length);

    /// <summary>
    /// Takes over another cache's first tokens, from its first row to the first row of this empty one.
    /// </summary>
    public void CopyFrom(KeyValueCache source, int tokens)
    {
        for (int layer = 0; layer < _keys.Length; layer++)
        {
            CopyFirstRow(source._keys[layer], _keys[layer], tokens);
            CopyFirstRow(source._values[layer], _values[layer], tokens);
        }

        Length = tokens;
    }

    /// <summary>Changes the room; the first row's past stays, other rows' is lost.</summary>
    /// <remarks>Layer by layer, so that only one layer exists twice at a time.</remarks>
    public void Resize(int rows, int capacity)
    {
        foreach (Tensor[] tensors in new[] { _keys, _values })
        {
            for (int layer = 0; layer < tensors.Length; layer++)
            {
                using Tensor old = tensors[layer];
                tensors[layer] = HugePages.Empty([rows, old.shape[1], capacity, old.shape[3]], Type, Device)
                    .DetachFromDisposeScope();
                CopyFirstRow(old, tensors[layer], Length);
            }
        }

        (Rows, Capacity) = (rows, capacity);
        _addresses = null;
    }

    /// <summary>Gives every row the past of the first one.</summary>
    public void CopyFirstRow()
    {
        foreach (Tensor tensor in _keys.Concat(_values))
        {
            using Tensor past = tensor.narrow(2, 0, Length);
            using Tensor first = past.narrow(0, 0, 1);
            using Tensor others = past.narrow(0, 1, past.shape[0] - 1);
            others.copy_(first);
        }
    }

    /// <summary>Gives every row the past of another one, from a position on.</summary>
    /// <param name="sources">For each row the row it takes over; several may take over the same.</param>
    /// <param name="start">The first position that is moved; before it the rows stay.</param>
    public void Reorder(ReadOnlySpan<int> sources, int start)
    {
        long[] rows = Array.ConvertAll(sources.ToArray(), row => (long)row);
        if (rows.Select((row, index) => row == index).All(stays => stays))
        {
            return;
        }

        using Tensor order = tensor(rows, ScalarType.Int64, _keys[0].device);
        foreach (Tensor tensor in _keys.Concat(_values))
        {
            using Tensor past = tensor.narrow(2, start, Length - start);
            using Tensor moved = past.index_select(0, order);
            past.copy_(moved);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values))
        {
            tensor.Dispose();
        }
    }

    private static void CopyFirstRow(Tensor from, Tensor to, int tokens)
    {
        using Tensor source = from.narrow(0, 0, 1);
        using Tensor target = to.narrow(0, 0, 1);
        using Tensor past = source.narrow(2, 0, tokens);
        using Tensor room = target.narrow(2, 0, tokens);
        room.copy_(past);
    }

    private Tensor Write(Tensor cache, Tensor fresh, long tokens)
    {
        using Tensor rows = cache.narrow(0, 0, fresh.shape[0]);
        using Tensor room = rows.narrow(2, Length, tokens);
        room.copy_(fresh);
        return rows.narrow(2, 0, Length + tokens);
    }

    private static Tensor[] Allocate(int layers, long[] shape, ScalarType type, Device device)
    {
        Tensor[] tensors = new Tensor[layers];
        for (int layer = 0; layer < layers; layer++)
        {
            tensors[layer] = HugePages.Empty(shape, type, device);
        }

        return tensors;
    }
}
