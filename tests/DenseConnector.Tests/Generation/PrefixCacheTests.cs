using DenseConnector.Decoders;
using DenseConnector.Generation;
using DenseConnector.Tests.Decoders;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Generation;

public sealed class PrefixCacheTests : TensorTest
{
    private const long Plenty = 1 << 30;

    private readonly LlamaDecoder _decoder;

    // Not in a field initializer, which would run before the base opens its scope.
    public PrefixCacheTests() => _decoder = TinyLlama.Build(TinyLlama.Config(), TinyLlama.Weights(TinyLlama.Config()));

    protected override void DisposeTest() => _decoder.Dispose();

    [Fact]
    public void Lend_NothingKept_GivesAnEmptyCache()
    {
        using PrefixCache prefixes = new(_decoder, Plenty);

        CachedPrefix lent = prefixes.Lend(Ids(1, 2, 3), 9, rows: 2);

        Assert.Equal((0, 9, 2), (lent.Cache.Length, lent.Cache.Capacity, lent.Cache.Rows));
        prefixes.Discard(lent);
    }

    [Fact]
    public void Lend_TextThatGoesOn_TakesTheCacheOver()
    {
        using PrefixCache prefixes = new(_decoder, Plenty);
        CachedPrefix first = Read(prefixes, 20, 1, 2, 3, 4);
        prefixes.Keep(first);
        long before = LiveTensors;

        CachedPrefix second = prefixes.Lend(Ids(1, 2, 3, 4, 5, 6), 10, rows: 1);

        Assert.Same(first.Cache, second.Cache);
        Assert.Equal((4, 20), (second.Cache.Length, second.Cache.Capacity));
        Assert.Equal((0, before), (prefixes.KeptBytes, LiveTensors));
        prefixes.Discard(second);
    }

    [Fact]
    public void Lend_SamePrompt_LeavesTheLastTokenToBeRead()
    {
        using PrefixCache prefixes = new(_decoder, Plenty);
        prefixes.Keep(Read(prefixes, 9, 1, 2, 3, 4));

        CachedPrefix again = prefixes.Lend(Ids(1, 2, 3, 4), 9, rows: 1);

        Assert.Equal(3, again.Cache.Length);
        prefixes.Discard(again);
    }

    [Fact]
    public void Lend_SeveralKept_GivesTheLongestCommonBeginning()
    {
        using PrefixCache prefixes = new(_decoder, Plenty);
        prefixes.Keep(Read(prefixes, 9, 1, 2, 8));
        prefixes.Keep(Read(prefixes, 9, 1, 2, 3, 4, 8));
        prefixes.Keep(Read(prefixes, 9, 1, 9));

        CachedPrefix found = prefixes.Lend(Ids(1, 2, 3, 4, 5), 9, rows: 1);

        Assert.Equal(4, found.Cache.Length);
        AssertHolds(found, 1, 2, 3, 4);
        prefixes.Discard(found);
    }

    [Fact]
    public void Lend_ShortCommonBeginning_IsCopiedAndTheKeptOneStays()
    {
        using PrefixCache prefixes = new(_decoder, Plenty);
        prefixes.Keep(Read(prefixes, 9, 1, 2, 3, 4, 5));

        CachedPrefix other = prefixes.Lend(Ids(1, 2, 7, 7), 9, rows: 1);
        AssertHolds(other, 1, 2);
        prefixes.Discard(other);
        CachedPrefix same = prefixes.Lend(Ids(1, 2, 3, 4, 5, 6), 9, rows: 1);

        AssertHolds(same, 1, 2, 3, 4, 5);
        prefixes.Discard(same);
    }

    [Fact]
    public void Lend_FromARequestUnderWay_CopiesWhatItHasRead()
    {
        using PrefixCache prefixes = new(_decoder, Plenty);
        CachedPrefix working = prefixes.Lend(Ids(1, 2, 3, 4, 5), 9, rows: 1);
        Read(working, 1, 2, 3);

        CachedPrefix other = prefixes.Lend(Ids(1, 2, 3, 4, 5), 9, rows: 3);

        AssertHolds(other, 1, 2, 3);
        Assert.NotSame(working.Cache, other.Cache);
        Assert.Equal(3, working.Cache.Length);
        prefixes.Discard(working);
        prefixes.Discard(other);
    }

    [Fact]
    public void Lend_TooSmallOrOfOtherRows_GrowsTheKeptCache()
    {
        using PrefixCache prefixes = new(_decoder, Plenty);
        prefixes.Keep(Read(prefixes, 4, 1, 2, 3));

        CachedPrefix longer = prefixes.Lend(Ids(1, 2, 3, 4), 12, rows: 2);

        Assert.Equal((12, 2), (longer.Cache.Capacity, longer.Cache.Rows));
        AssertHolds(longer, 1, 2, 3);
        Read(longer, 4);
        prefixes.Keep(longer);
        Assert.Equal(Bytes(4), prefixes.KeptBytes); // One row of what the beams shared.
        CachedPrefix again = prefixes.Lend(Ids(1, 2, 3, 4, 5), 6, rows: 1);
        AssertHolds(again, 1, 2, 3, 4);
        prefixes.Discard(again);
    }

    [Fact]
    public void Lend_OtherPictureUnderTheSameText_SharesOnlyTheTextBefore()
    {
        using PrefixCache prefixes = new(_decoder, Plenty);
        CachedPrefix cat = prefixes.Lend(Picture("cat"), 9, rows: 1);
        Read(cat, 1, 2, 3, 4, 5);
        prefixes.Keep(cat);

        CachedPrefix dog = prefixes.Lend(Picture("dog"), 9, rows: 1);
        CachedPrefix again = prefixes.Lend(Picture("cat"), 9, rows: 1);

        Assert.Equal((1, 4), (dog.Cache.Length, again.Cache.Length));
        prefixes.Discard(dog);
        prefixes.Discard(again);

        static PositionKey[] Picture(string hash) =>
            [new(null, 1), new(hash, 0), new(hash, 1), new(hash, 2), new(null, 7)];
    }

    [Fact]
    public void Keep_OverTheBudget_FreesTheLeastRecentlyUsed()
    {
        using PrefixCache prefixes = new(_decoder, Bytes(20));
        prefixes.Keep(Read(prefixes, 8, 1, 1));
        prefixes.Keep(Read(prefixes, 8, 2, 2));
        prefixes.Keep(prefixes.Lend(Ids(1, 1, 1), 8, rows: 1)); // Used again.
        prefixes.Keep(Read(prefixes, 8, 3, 3));

        Assert.Equal(Bytes(16), prefixes.KeptBytes);
        Assert.Equal([2, 0, 2], Enumerable.Range(1, 3).Select(id =>
        {
            CachedPrefix lent = prefixes.Lend(Ids(id, id, 9), 1, rows: 1);
            int length = lent.Cache.Length;
            prefixes.Keep(lent);
            return length;
        }));
    }

    [Fact]
    public void Lend_BesideWhatIsKept_FreesThatBeforeItAllocates()
    {
        using PrefixCache prefixes = new(_decoder, Bytes(20));
        prefixes.Keep(Read(prefixes, 8, 1, 1));
        prefixes.Keep(Read(prefixes, 8, 2, 2));

        CachedPrefix lent = prefixes.Lend(Ids(3), 8, rows: 1);
        Assert.Equal(Bytes(8), prefixes.KeptBytes);
        CachedPrefix large = prefixes.Lend(Ids(4), 50, rows: 1);
        Assert.Equal(0, prefixes.KeptBytes);

        // Over the budget with it, so nothing is kept until it is back.
        Read(lent, 3);
        prefixes.Keep(lent);
        Assert.Equal(0, prefixes.KeptBytes);
        prefixes.Discard(large);
    }

    [Fact]
    public void Keep_TextThatAnotherContains_KeepsTheLongerOne()
    {
        using PrefixCache prefixes = new(_decoder, Plenty);
        CachedPrefix[] lent = [.. Enumerable.Range(0, 3).Select(_ => prefixes.Lend(Ids(1, 2, 3, 4), 8, rows: 1))];
        Read(lent[0], 1, 2);
        Read(lent[1], 1, 2, 3, 4);
        Read(lent[2], 1);

        Array.ForEach(lent, prefixes.Keep);

        Assert.Equal(Bytes(8), prefixes.KeptBytes);
        CachedPrefix longest = prefixes.Lend(Ids(1, 2, 3, 4, 5), 8, rows: 1);
        AssertHolds(longest, 1, 2, 3, 4);
        prefixes.Discard(longest);
    }

    [Fact]
    public void Keep_NoBudget_KeepsAndSharesNothing()
    {
        using PrefixCache prefixes = new(_decoder, 0);
        CachedPrefix working = Read(prefixes, 8, 1, 2);
        CachedPrefix other = prefixes.Lend(Ids(1, 2, 3), 8, rows: 1);
        Assert.Equal(0, other.Cache.Length);

        prefixes.Keep(working);
        prefixes.Keep(other);

        Assert.Equal(0, prefixes.KeptBytes);
    }

    [Fact]
    public void Dispose_Always_FreesWhatIsKept()
    {
        long before = LiveTensors;
        PrefixCache prefixes = new(_decoder, Plenty);
        prefixes.Keep(Read(prefixes, 8, 1, 2));
        Assert.NotEqual(before, LiveTensors);

        prefixes.Dispose();

        Assert.Equal(before, LiveTensors);
    }

    private long Bytes(int capacity) => KeyValueCache.CountBytes(_decoder.Config, capacity, _decoder.Type);

    private static PositionKey[] Ids(params int[] ids) => Array.ConvertAll(ids, id => new PositionKey(null, id));

    /// <summary>A lent cache that has read a whole text.</summary>
    private CachedPrefix Read(PrefixCache prefixes, int capacity, params int[] ids)
    {
        CachedPrefix lent = prefixes.Lend(Ids(ids), capacity, rows: 1);
        Read(lent, ids[lent.Cache.Length..]);
        return lent;
    }

    /// <summary>Writes each id as its keys and values.</summary>
    private void Read(CachedPrefix lent, params int[] ids)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (int id in ids)
        {
            for (int layer = 0; layer < _decoder.Config.Layers; layer++)
            {
                Tensor value = full([1, 2, 1, 8], id + (10 * layer), ScalarType.Float32);
                lent.Cache.Append(layer, value, value.neg());
            }

            lent.Cache.Advance(1);
        }
    }

    private void AssertHolds(CachedPrefix lent, params int[] ids)
    {
        Assert.Equal(ids.Length, lent.Cache.Length);
        for (int layer = 0; layer < _decoder.Config.Layers; layer++)
        {
            Tensor next = zeros([1, 2, 1, 8], ScalarType.Float32);
            (Tensor keys, Tensor values) = lent.Cache.Append(layer, next, next);
            float[] expected = [.. ids.Select(id => (float)(id + (10 * layer))), 0];
            Assert.Equal(expected, keys[0, 1, TensorIndex.Colon, 3].contiguous().data<float>().ToArray());
            Assert.Equal(expected, values[0, 0, TensorIndex.Colon, 7].neg().contiguous().data<float>().ToArray());
        }
    }
}
