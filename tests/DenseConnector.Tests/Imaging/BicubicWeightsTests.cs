using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class BicubicWeightsTests
{
    [Theory]
    [InlineData(4000, 448)]
    [InlineData(5, 11)]
    [InlineData(1, 336)]
    [InlineData(65_535, 1)]
    [InlineData(337, 336)]
    public void Weights_AnyLengths_StayInsideTheInputAndSumToOne(int input, int output)
    {
        BicubicWeights weights = new(input, output, 0, output, 0, input);
        for (int i = 0; i < output; i++)
        {
            Assert.InRange(weights.First(i), 0, input - 1);
            Assert.InRange(weights.End(i), weights.First(i) + 1, input);
            Assert.Equal(0, weights.Padded(i).Length % BicubicWeights.Block);

            // Each weight is rounded by at most one half.
            long sum = weights.Weights(i).ToArray().Sum(weight => (long)weight);
            Assert.InRange(sum - (1 << 22), -weights.Weights(i).Length, weights.Weights(i).Length);
        }
    }

    [Fact]
    public void Weights_TwiceTheSize_AreTheKnownFractions()
    {
        // A quarter and three quarters of a pixel off: the cubic with a = -0.5 gives exact binary fractions.
        const double unit = 1 << BicubicWeights.FractionBits;

        BicubicWeights weights = new(100, 200, 100, 1, 0, 100);

        Assert.Equal(
            [-0.0234375, 0.2265625, 0.8671875, -0.0703125],
            weights.Weights(0).ToArray().Select(weight => weight / unit));
        Assert.Equal(48, weights.First(0));
    }

    [Fact]
    public void Outside_Background_HasTheWeightsThatAreNotListed()
    {
        BicubicWeights whole = new(90, 20, 0, 20, 0, 90);
        BicubicWeights framed = new(90, 20, 0, 20, 30, 25);
        for (int i = 0; i < 20; i++)
        {
            int[] all = whole.Weights(i).ToArray();
            int[] inside = [.. all.Where((_, tap) => whole.First(i) + tap is >= 30 and < 55)];
            Assert.Equal(inside, framed.Weights(i).ToArray());
            Assert.Equal(all.Sum() - inside.Sum(), framed.Outside(i));
            Assert.Equal(whole.Total(i), framed.Total(i));
        }
    }
}
