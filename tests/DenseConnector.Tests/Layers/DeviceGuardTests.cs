using DenseConnector.Layers;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Layers;

public sealed class DeviceGuardTests : TensorTest
{
    [Theory]
    [InlineData("cpu", "cpu")]
    [InlineData("cuda:1", "cuda:1")]
    [InlineData("cuda", "cuda:1")]
    [InlineData("cuda:1", "cuda")]
    public void Require_SameDevice_Passes(string expected, string found) =>
        new DeviceGuard("Part", new Device(expected), ScalarType.Float32)
            .Require(new Device(found), ScalarType.Float32, "things");

    [Theory]
    [InlineData("cpu", "cuda:0", "cuda:0", "cpu")]
    [InlineData("cuda:0", "cuda:1", "cuda:1", "cuda:0")]
    [InlineData("cuda:0", "cpu", "cpu", "cuda:0")]
    public void Require_OtherDevice_NamesBothAndTheRemedy(string expected, string found, string lies, string weights)
    {
        DeviceGuard guard = new("Part", new Device(expected), ScalarType.Float32);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => guard.Require(new Device(found), ScalarType.Float32, "things"));

        Assert.Equal(
            $"The things lie on {lies}, the weights of Part on {weights}; move the things to {weights} first.",
            error.Message);
    }

    [Fact]
    public void Require_OtherType_NamesBothAndTheRemedy()
    {
        DeviceGuard guard = new("Part", CPU, ScalarType.BFloat16, "the last feature");

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => guard.Require(zeros([1], ScalarType.Float32, CPU), "things"));

        Assert.Equal(
            "The things are Float32, Part reads BFloat16; convert the things to BFloat16 first.", error.Message);
    }
}
