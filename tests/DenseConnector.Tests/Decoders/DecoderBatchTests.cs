using DenseConnector.Decoders;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Decoders;

public sealed class DecoderBatchTests : TensorTest
{
    [Fact]
    public void Advance_Spans_CountsEachOnesTokensPerRow()
    {
        using KeyValueCache single = Cache(1);
        using KeyValueCache beams = Cache(3);
        DecoderBatch batch = new(new CacheSpan(single, 1, 4), new CacheSpan(beams, 3, 2));

        batch.Advance();

        Assert.Equal(10, batch.Tokens);
        Assert.Equal((4, 2), (single.Length, beams.Length));
    }

    [Fact]
    public void Constructor_NoSpanOrAnEmptyOne_Throws()
    {
        using KeyValueCache cache = Cache(1);

        Assert.Throws<ArgumentException>(() => new DecoderBatch());
        Assert.Throws<ArgumentException>(() => new DecoderBatch(cache, 0));
    }

    [Fact]
    public void Constructor_CacheTwice_Throws()
    {
        using KeyValueCache cache = Cache(1);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new DecoderBatch(new CacheSpan(cache, 1, 1), new CacheSpan(cache, 1, 1)));

        Assert.Contains("share a cache", error.Message, StringComparison.Ordinal);
    }

    private static KeyValueCache Cache(int rows) => new(TinyLlama.Config(), 8, ScalarType.Float32, CPU, rows);
}
