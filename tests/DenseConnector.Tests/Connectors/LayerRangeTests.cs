using DenseConnector.Connectors;

namespace DenseConnector.Tests.Connectors;

public sealed class LayerRangeTests
{
    [Theory]
    [InlineData(0, 11, 12)]
    [InlineData(7, 7, 1)]
    public void Count_Range_CountsBothEnds(int first, int last, int count) =>
        Assert.Equal(count, new LayerRange(first, last).Count);
}
