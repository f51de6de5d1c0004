using System.Globalization;
using System.Runtime.InteropServices;
using DenseConnector.Configuration;
using DenseConnector.Decoders;
using DenseConnector.Tests.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Decoders;

public sealed class KeyValueCacheTests : TensorTest
{
    // What the process takes beside the cache.
    private const long Slack = 32L << 20;

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
    public void CopyFirstRow_OneRowWritten_GivesItToAll()
    {
        using KeyValueCache cache = Rows();

        (Tensor keys, Tensor values) = cache.Append(1, Each(3, 4, 5), Each(30, 40, 50));

        Assert.Equal([1f, 1, 3], keys[0, 1, TensorIndex.Colon, 0].contiguous().data<float>().ToArray());
        Assert.Equal([1f, 1, 5], keys[2, 1, TensorIndex.Colon, 0].contiguous().data<float>().ToArray());
        Assert.Equal([2f, 2, 40], values[1, 0, TensorIndex.Colon, 3].contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Reorder_SourceTakenTwice_MovesWhatLiesBehindTheStart()
    {
        using KeyValueCache cache = Rows();
        for (int layer = 0; layer < Config.Layers; layer++)
        {
            cache.Append(layer, Each(3, 4, 5), Each(30, 40, 50));
        }

        cache.Advance(1);
        cache.Reorder([1, 0, 1], start: 2);

        for (int layer = 0; layer < Config.Layers; layer++)
        {
            (Tensor keys, Tensor values) = cache.Append(layer, Each(6, 7, 8), Each(60, 70, 80));
            Assert.Equal([4f, 3, 4], keys[TensorIndex.Colon, 1, 2, 0].contiguous().data<float>().ToArray());
            Assert.Equal([40f, 30, 40], values[TensorIndex.Colon, 0, 2, 3].contiguous().data<float>().ToArray());
            Assert.Equal([1f, 1, 1], keys[TensorIndex.Colon, 1, 1, 0].contiguous().data<float>().ToArray());
        }
    }

    [Fact]
    public void Reorder_Always_LeavesNoTensor()
    {
        using KeyValueCache cache = Rows();
        long before = LiveTensors;

        cache.Reorder([2, 1, 0], start: 1);

        Assert.Equal(before, LiveTensors);
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
    public void Truncate_Shorter_ForgetsWhatLiesBehind()
    {
        using KeyValueCache cache = Rows();

        cache.Truncate(5);
        Assert.Equal(2, cache.Length);
        cache.Truncate(1);
        (Tensor keys, _) = cache.Append(0, Each(3, 4, 5), Each(30, 40, 50));

        Assert.Equal([1f, 4], keys[1, 1, TensorIndex.Colon, 0].contiguous().data<float>().ToArray());
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 9)]
    public void Resize_OtherRoom_KeepsTheFirstRowsPast(int rows, int capacity)
    {
        using KeyValueCache cache = Rows();
        long before = LiveTensors;

        using (NewDisposeScope())
        {
            cache.Resize(rows, capacity);
        }

        Assert.Equal(before, LiveTensors);
        Assert.Equal((rows, capacity, 2), (cache.Rows, cache.Capacity, cache.Length));
        Assert.Equal(KeyValueCache.CountBytes(Config, capacity, ScalarType.Float32, rows), cache.Bytes);
        (Tensor keys, Tensor values) = cache.Append(1, Filled(1, 7), Filled(1, 8));
        Assert.Equal([1f, 1, 7], keys[0, 1, TensorIndex.Colon, 0].contiguous().data<float>().ToArray());
        Assert.Equal([2f, 2, 8], values[0, 0, TensorIndex.Colon, 3].contiguous().data<float>().ToArray());
    }

    [LinuxX64Fact]
    public void Resize_SeveralTimes_LeavesNoneOfItsMemoryBehind()
    {
        using NativeChildProcess child = new();

        Dictionary<string, string> measured = child.Run("measure-cache");

        long bytes = long.Parse(measured["bytes"], CultureInfo.InvariantCulture);
        long resident = long.Parse(measured["resident"], CultureInfo.InvariantCulture);
        Assert.InRange(resident, bytes - Slack, bytes + Slack);
    }

    [Fact]
    public void CopyFrom_Prefix_IsACopy()
    {
        using KeyValueCache source = Rows();
        using KeyValueCache cache = new(Config, 3, ScalarType.Float32, CPU);
        cache.CopyFrom(source, 1);
        source.Append(0, Each(9, 9, 9), Each(9, 9, 9)).Keys.fill_(9);

        (Tensor keys, Tensor values) = cache.Append(0, Filled(1, 7), Filled(1, 8));

        Assert.Equal([1f, 7], keys[0, 1, TensorIndex.Colon, 0].contiguous().data<float>().ToArray());
        Assert.Equal([2f, 8], values[0, 0, TensorIndex.Colon, 3].contiguous().data<float>().ToArray());
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

    /// <summary><c>[rows, 2, 1, 4]</c>, each row of one value.</summary>
    private static Tensor Each(params float[] values) =>
        tensor(values, [values.Length, 1, 1, 1]).expand(values.Length, 2, 1, 4);

    /// <summary>Three rows of two tokens each.</summary>
    private static KeyValueCache Rows()
    {
        KeyValueCache cache = new(Config, 5, ScalarType.Float32, CPU, rows: 3);
        for (int layer = 0; layer < Config.Layers; layer++)
        {
            cache.Append(layer, Filled(2, 1), Filled(2, 2));
        }

        cache.Advance(2);
        cache.CopyFirstRow();
        return cache;
    }
}
