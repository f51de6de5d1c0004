using DenseConnector.Connectors;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Connectors;

public sealed class DenseChannelIntegrationTests : TensorTest
{
    [Fact]
    public void Forward_HandMadeFeatures_PutsLastThenLowThenHighIntoTheChannels()
    {
        // Two patches of two channels.
        VisionFeatures features = new(
            tensor([1f, 2, 3, 4], [1, 2, 2]), [tensor([5f, 6, 7, 8], [1, 2, 2]), tensor([9f, 10, 11, 12], [1, 2, 2])]);
        using DenseChannelIntegration connector = new(EncoderLayers.Clip);

        Tensor joined = connector.call(features);

        Assert.Equal([1, 2, 6], joined.shape);
        Assert.Equal([1f, 2, 5, 6, 9, 10, 3, 4, 7, 8, 11, 12], joined.data<float>().ToArray());
    }

    [Theory]
    [InlineData(1, 4, 8)]
    [InlineData(3, 9, 2)]
    public void OutputWidthAndTokenCount_AnySize_AreWhatForwardGives(int batch, int patches, int width)
    {
        VisionFeatures features = new(
            ones(batch, patches, width), [ones(batch, patches, width), ones(batch, patches, width)]);
        using DenseChannelIntegration connector = new(EncoderLayers.Clip);

        Assert.Equal(
            [batch, connector.TokenCount(patches), connector.OutputWidth(width)], connector.call(features).shape);
    }

    [Fact]
    public void Ranges_Clip_AreTheTwoDenseGroups()
    {
        using DenseChannelIntegration connector = new(EncoderLayers.Clip);

        Assert.Equal([new LayerRange(0, 11), new LayerRange(12, 23)], connector.Ranges);
    }

    [Fact]
    public void Ranges_Siglip_AreTheTwoDenseGroups()
    {
        using DenseChannelIntegration connector = new(EncoderLayers.Siglip);

        Assert.Equal([new LayerRange(0, 12), new LayerRange(13, 25)], connector.Ranges);
    }
}
