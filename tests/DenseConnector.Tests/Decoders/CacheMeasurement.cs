using DenseConnector.Configuration;
using DenseConnector.Decoders;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Decoders;

/// <summary>What a cache takes of the process's memory after it was made larger a few times; Linux only.</summary>
/// <param name="Bytes">Bytes of its tensors.</param>
/// <param name="Resident">What the process has resident for itself alone, beyond what it had before.</param>
internal sealed record CacheMeasurement(long Bytes, long Resident)
{
    /// <summary>Measures, in a process that does nothing else.</summary>
    public static CacheMeasurement Take()
    {
        const int Layers = 16, Tokens = 6000, More = 50, Rounds = 8;
        NativeLibraries.EnsureLoaded();
        DecoderConfig config = TinyLlama.Config() with { Layers = Layers, KeyValueHeads = 8, HeadSize = 64 };

        // From now on the C library takes tensors up to this size from its heap.
        empty([24 << 20], ScalarType.Byte).Dispose();
        long before = ProcessMemory.Own;
        using KeyValueCache cache = new(config, Tokens, ScalarType.BFloat16, CPU);
        Fill(cache, config, Tokens);
        for (int round = 1; round <= Rounds; round++)
        {
            cache.Resize(1, Tokens + (round * More));
            Fill(cache, config, More);
        }

        return new CacheMeasurement(cache.Bytes, ProcessMemory.Own - before);
    }

    private static void Fill(KeyValueCache cache, DecoderConfig config, int tokens)
    {
        using Tensor states = zeros([1, config.KeyValueHeads, tokens, config.HeadSize], ScalarType.BFloat16);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            (Tensor keys, Tensor values) = cache.Append(layer, states, states);
            keys.Dispose();
            values.Dispose();
        }

        cache.Advance(tokens);
    }
}
