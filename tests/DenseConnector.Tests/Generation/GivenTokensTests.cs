using DenseConnector.Generation;

namespace DenseConnector.Tests.Generation;

public sealed class GivenTokensTests
{
    [Fact]
    public void Next_GivenTokens_AddsUpTheirLogProbabilities()
    {
        GivenTokens given = new([2, 0]);

        // Probabilities 1/10, 2/10, 3/10, 4/10, then 1/2 each; large numbers must not overflow.
        Assert.Equal(2, given.Next([MathF.Log(1), MathF.Log(2), MathF.Log(3), MathF.Log(4)]));
        Assert.Equal(Math.Log(0.3), given.LogProbability, 1e-6);
        Assert.Equal(0, given.Next([1000, 1000]));
        Assert.Equal(Math.Log(0.15), given.LogProbability, 1e-6);
    }
}
