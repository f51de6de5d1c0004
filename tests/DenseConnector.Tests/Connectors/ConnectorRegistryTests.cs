using DenseConnector.Connectors;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Connectors;

public sealed class ConnectorRegistryTests : TensorTest
{
    public static TheoryData<string> Names => [.. ConnectorRegistry.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Create_EveryName_SaysBeforehandWhatForwardGives(string name)
    {
        const int Patches = 16;
        const int Width = 4;
        foreach (EncoderLayers layers in new[] { EncoderLayers.Clip, EncoderLayers.Siglip })
        {
            using Connector connector = ConnectorRegistry.Create(name, layers)!;
            VisionFeatures features = new(
                ones(2, Patches, Width), [.. connector.Ranges.Select(_ => ones(2, Patches, Width))]);

            Assert.Equal(
                [2, connector.TokenCount(Patches), connector.OutputWidth(Width)], connector.call(features).shape);
        }
    }

    [Theory]
    [InlineData("DCI")]
    [InlineData("")]
    [InlineData("dense")]
    public void Create_UnknownName_GivesNull(string name) =>
        Assert.Null(ConnectorRegistry.Create(name, EncoderLayers.Clip));
}
