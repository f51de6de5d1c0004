using DenseConnector.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// The keys and values of one request's past tokens, for every layer: allocated once, written in place.
/// </summary>
/// <remarks>
/// Per layer two tensors <c>[1, keyValueHeads, capacity, headSize]</c>. Owns its tensors, detached from scopes;
/// disposing frees them. Used on the inference thread.
/// </remarks>
internal sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <summary>Allocates room for <paramref name="capacity"/> tokens.</summary>
    public KeyValueCache(DecoderConfig config, int capacity, ScalarType type, Device device)
    {
        Capacity = capacity;
        Type = type;
        Device = device;
        long[] shape = [1, config.KeyValueHeads, capacity, config.HeadSize];

        // Where memory ends in the middle, what was allocated goes with the scope.
        using DisposeScope scope = NewDisposeScope();
        _keys = Allocate(config.Layers, shape, type, device);
        _values = Allocate(config.Layers, shape, type, device);
        scope.Detach(_keys.Concat(_values));
    }

    /// <summary>The most tokens the cache can hold.</summary>
    public int Capacity { get; }

    /// <summary>The type of keys and values.</summary>
    public ScalarType Type { get; }

    /// <summary>The device keys and values lie on.</summary>
    public Device Device { get; }

    /// <summary>The tokens every layer has seen; the next token's position.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// Writes one layer's keys and values of new tokens behind the <see cref="Length"/> past ones and returns views of
    /// both together.
    /// </summary>
    /// <param name="layer">The layer's index.</param>
    /// <param name="keys">New keys, <c>[1, keyValueHeads, tokens, headSize]</c>, positions already applied.</param>
    /// <param name="values">New values, the same shape.</param>
    /// <returns>Views <c>[1, keyValueHeads, Length + tokens, headSize]</c>.</returns>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        long tokens = keys.shape[2];
        return (Write(_keys[layer], keys, tokens), Write(_values[layer], values, tokens));
    }

    /// <summary>Counts new tokens as past, after the last layer has appended them.</summary>
    public void Advance(int tokens) => Length += tokens;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values))
        {
            tensor.Dispose();
        }
    }

    private Tensor Write(Tensor cache, Tensor fresh, long tokens)
    {
        using Tensor room = cache.narrow(2, Length, tokens);
        room.copy_(fresh);
        return cache.narrow(2, 0, Length + tokens);
    }

    private static Tensor[] Allocate(int layers, long[] shape, ScalarType type, Device device)
    {
        Tensor[] tensors = new Tensor[layers];
        for (int layer = 0; layer < layers; layer++)
        {
            tensors[layer] = empty(shape, type, device);
        }

        return tensors;
    }
}
