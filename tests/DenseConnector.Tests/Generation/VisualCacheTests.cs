using DenseConnector.Generation;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Generation;

public sealed class VisualCacheTests : TensorTest
{
    private const long One = 4 * 8 * sizeof(float);

    [Fact]
    public void Find_Kept_GivesTheSameTokensAsATensorOfItsOwn()
    {
        using VisualCache cache = new(One);
        Tensor tokens = Tokens(1);
        cache.Keep("a", tokens);

        using (Tensor found = cache.Find("a")!)
        {
            Assert.Equal(tokens.data<float>().ToArray(), found.data<float>().ToArray());
        }

        Assert.NotNull(cache.Find("a"));
        Assert.Null(cache.Find("b"));
    }

    [Fact]
    public void Keep_OverTheBudget_FreesTheLeastRecentlyUsed()
    {
        using VisualCache cache = new((2 * One) + 1);
        cache.Keep("a", Tokens(1));
        cache.Keep("b", Tokens(2));
        cache.Find("a");
        cache.Keep("c", Tokens(3));

        Assert.Equal(2 * One, cache.Bytes);
        Assert.Null(cache.Find("b"));
        Assert.Equal(1f, cache.Find("a")!.mean().item<float>());
        Assert.Equal(3f, cache.Find("c")!.mean().item<float>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(One - 1)]
    public void Keep_LargerThanTheBudget_KeepsNothing(long budget)
    {
        using VisualCache cache = new(budget);

        cache.Keep("a", Tokens(1));

        Assert.Equal(0, cache.Bytes);
        Assert.Null(cache.Find("a"));
    }

    [Fact]
    public void Dispose_Always_FreesWhatIsKept()
    {
        Tensor tokens = Tokens(1);
        long before = LiveTensors;
        VisualCache cache = new(One);
        using (NewDisposeScope())
        {
            cache.Keep("a", tokens);
            cache.Keep("a", tokens);
        }

        Assert.Equal(before + 1, LiveTensors);

        cache.Dispose();

        Assert.Equal(before, LiveTensors);
    }

    private static Tensor Tokens(float value) => full([4, 8], value, ScalarType.Float32);
}
