using System.Runtime.InteropServices;
using DenseConnector.Configuration;
using DenseConnector.Decoders;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Decoders;

public sealed class KeyValueCacheTests : TensorTest
{
    private static readonly DecoderConfig Config = TinyLlama.Config() with { KeyValueHeads = 2, HeadSize = 4 };

    [Fact]
    public void Append_NewTokens_StandBehindThePastOnes()
    {
        using KeyValueCache cache = new(Config, 5, ScalarType.Float32, CPU);
        cache.Append(0, Filled(2, 1), Filled(2, 10));
        cache.Advance(2);

        (Tensor keys, Tensor values) = cache.Append(0, Filled(1, 2), Filled(1, 20));

        Assert.Equal([1, 2, 3, 4], keys.shape);
        Assert.Equal([1f, 1, 2], keys[0, 1, TensorIndex.Colon, 0].contiguous().data<float>().ToArray());
        Assert.Equal([10f, 10, 20], values[0, 1, TensorIndex.Colon, 3].contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Append_ViewsOfDifferentSteps_ShareTheirMemory()
    {
        using KeyValueCache cache = new(Config, 5, ScalarType.Float32, CPU);
        (Tensor first, _) = cache.Append(1, Filled(2, 1), Filled(2, 1));
        cache.Advance(2);
        (Tensor second, _) = cache.Append(1, Filled(1, 2), Filled(1, 2));

        first.zero_();

        Assert.Equal([0f, 0, 2], second[0, 0, TensorIndex.Colon, 0].contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Append_Layers_AreSeparate()
    {
        using KeyValueCache cache = new(Config, 2, ScalarType.Float32, CPU);
        (Tensor first, _) = cache.Append(0, Filled(1, 1), Filled(1, 1));
        cache.Append(1, Filled(1, 2), Filled(1, 2));

        Assert.Equal(1f, first.mean().item<float>());
    }

    [Fact]
    public void Append_WithoutAdvance_KeepsTheLength()
    {
        using KeyValueCache cache = new(Config, 5, ScalarType.Float32, CPU);

        cache.Append(0, Filled(2, 1), Filled(2, 1));

        Assert.Equal(0, cache.Length);
        cache.Advance(2);
        Assert.Equal(2, cache.Length);
    }

    [Fact]
    public void Append_ManySteps_MakesNoFurtherTensors()
    {
        using KeyValueCache cache = new(Config, 50, ScalarType.Float32, CPU);
        Tensor token = Filled(1, 1);
        long before = LiveTensors;
        for (int step = 0; step < 50; step++)
        {
            (Tensor keys, Tensor values) = cache.Append(0, token, token);
            keys.Dispose();
            values.Dispose();
            cache.Advance(1);
        }

        Assert.Equal(before, LiveTensors);
        Assert.Equal(50, cache.Capacity);
    }

    [Fact]
    public void Append_BeyondTheCapacity_Throws()
    {
        using KeyValueCache cache = new(Config, 2, ScalarType.Float32, CPU);
        cache.Append(0, Filled(2, 1), Filled(2, 1));
        cache.Advance(2);

        Assert.Throws<ExternalException>(() => cache.Append(0, Filled(1, 1), Filled(1, 1)));
    }

    [Fact]
    public void Constructor_Scope_DoesNotOwnTheCache()
    {
        KeyValueCache cache;
        using (NewDisposeScope())
        {
            cache = new KeyValueCache(Config, 2, ScalarType.Float32, CPU);
        }

        using (cache)
        {
            Assert.Equal(1f, cache.Append(0, Filled(1, 1), Filled(1, 1)).Keys.mean().item<float>());
        }
    }

    [Fact]
    public void Dispose_Always_FreesEveryLayer()
    {
        long before = LiveTensors;
        KeyValueCache cache = new(Config, 2, ScalarType.Float32, CPU);
        Assert.Equal(before + (2 * Config.Layers), LiveTensors);

        cache.Dispose();

        Assert.Equal(before, LiveTensors);
    }

    /// <summary><c>[1, 2, tokens, 4]</c> of one value.</summary>
    private static Tensor Filled(int tokens, float value) => full([1, 2, tokens, 4], value);
}
