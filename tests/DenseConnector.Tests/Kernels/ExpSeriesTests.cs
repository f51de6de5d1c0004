using System.Runtime.Intrinsics;
using DenseConnector.Kernels;

namespace DenseConnector.Tests.Kernels;

public sealed class ExpSeriesTests
{
    [Fact]
    public void Exp_NumbersNotAboveZero_IsExactToTwoUnitsOfTheLastPlace()
    {
        for (float x = 0; x > ExpSeries.Least; x -= 0.00137f)
        {
            double expected = Math.Exp(x);
            Assert.All(Powers(x), power => Assert.InRange((power / expected) - 1, -2.4e-7, 2.4e-7));
        }
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-87.34f, 0f)]
    [InlineData(-1e30f, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(float.NaN, float.NaN)]
    public void Exp_AtTheEnds_IsExact(float x, float expected) =>
        Assert.All(Powers(x), power => Assert.Equal(expected, power));

    private static float[] Powers(float x) =>
    [
        Lanes1.Exp(x),
        Lanes256.Exp(Vector256.Create(x))[7],
        .. LaneWidths.Best == LaneWidth.Sixteen ? [Lanes512.Exp(Vector512.Create(x))[15]] : Array.Empty<float>(),
    ];
}
