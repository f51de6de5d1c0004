using DenseConnector.Connectors;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Connectors;

public sealed class SingleLayerTests : TensorTest
{
    [Fact]
    public void Forward_Features_GivesTheLastInATensorOfItsOwn()
    {
        VisionFeatures features = new(tensor([1f, 2, 3, 4], [1, 2, 2]), []);
        using SingleLayer connector = new();

        Tensor given = connector.call(features);

        Assert.Equal([1f, 2, 3, 4], given.data<float>().ToArray());
        given.Dispose();
        Assert.False(features.Last.IsInvalid);
    }

    [Fact]
    public void OutputWidthAndTokenCount_AnySize_AreWhatForwardGives()
    {
        using SingleLayer connector = new();

        Assert.Equal(
            [2, connector.TokenCount(5), connector.OutputWidth(7)],
            connector.call(new VisionFeatures(ones(2, 5, 7), [])).shape);
    }

    [Fact]
    public void Ranges_Always_AreNone()
    {
        using SingleLayer connector = new();

        Assert.Empty(connector.Ranges);
    }
}
