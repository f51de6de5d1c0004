using DenseConnector.Connectors;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Connectors;

public sealed class ConnectorTests : TensorTest
{
    public static TheoryData<string> Joining => ["sti", "sci", "dci"];

    [Theory]
    [MemberData(nameof(Joining))]
    public void Forward_FeaturesOnTwoDevices_Throws(string name)
    {
        using Connector connector = ConnectorRegistry.Create(name, EncoderLayers.Clip)!;
        VisionFeatures features = new(Feature(CPU), [Feature(CPU), Feature(META)]);

        ArgumentException error = Assert.Throws<ArgumentException>(() => connector.call(features));

        Assert.Contains(
            "means of earlier layers lie on meta, the last feature on cpu", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Joining))]
    public void Forward_FeaturesOfTwoTypes_Throws(string name)
    {
        using Connector connector = ConnectorRegistry.Create(name, EncoderLayers.Clip)!;
        VisionFeatures features = new(
            Feature(CPU, ScalarType.BFloat16), [Feature(CPU, ScalarType.BFloat16), Feature(CPU)]);

        ArgumentException error = Assert.Throws<ArgumentException>(() => connector.call(features));

        Assert.Contains($"are Float32, {connector.GetName()} reads BFloat16", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Joining))]
    public void Forward_AllOnAnotherDevice_StaysThere(string name)
    {
        using Connector connector = ConnectorRegistry.Create(name, EncoderLayers.Clip)!;

        Tensor tokens = connector.call(new VisionFeatures(Feature(META), [Feature(META), Feature(META)]));

        Assert.Equal(DeviceType.META, tokens.device_type);
    }

    private static Tensor Feature(Device device, ScalarType type = ScalarType.Float32) =>
        zeros([1, 16, 4], type, device);
}
