using DenseConnector.Connectors;
using DenseConnector.Tests.Reference;
using DenseConnector.Vision;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Vision;

public sealed class DualVisionEncoderTests : TensorTest
{
    [Fact]
    public void Forward_InBFloat16_MakesThePictureSmallBeforeRounding()
    {
        ReferenceFixture fixture = MiniGeminiFixtures.Plain;
        using ModelBuilder builder = new(fixture.Plan, VisionWeights.Auto);
        using ModelParts parts = builder.Build(ScalarType.BFloat16, CPU, null, CancellationToken.None);
        VisionEncoder encoder = parts.Visuals.Encoder;
        Tensor? small = null;
        var hook = encoder.modules().OfType<ClipVisionEncoder>().Single().register_forward_pre_hook((_, input) =>
        {
            small = input.clone().DetachFromDisposeScope();
            return input;
        });
        Tensor pixels = linspace(-1, 1, 3 * 768 * 768).reshape(1, 3, 768, 768).sin();

        VisionFeatures features = encoder.call(pixels.to(encoder.InputType));

        hook.remove();
        Assert.Equal(ScalarType.Float32, encoder.InputType);
        Tensor expected = nn.functional.interpolate(
            pixels, [336, 336], mode: InterpolationMode.Bilinear, align_corners: false);
        Assert.True(small!.equal(expected.to(ScalarType.BFloat16)).all().item<bool>());
        small.Dispose();
        Assert.Equal(ScalarType.BFloat16, features.Last.dtype);
        Assert.Equal(ScalarType.BFloat16, features.Detail!.dtype);
        Assert.Equal([1, encoder.Patches, encoder.Width], features.Last.shape);
        Assert.Equal([1, 56, 192, 192], features.Detail.shape);
        Assert.True(parts.Visuals.call(pixels).isfinite().all().item<bool>());
    }

    [Fact]
    public void Forward_TwoPictures_EqualsEachAlone()
    {
        ReferenceFixture fixture = MiniGeminiFixtures.Dense;
        using ModelBuilder builder = new(fixture.Plan, VisionWeights.Auto);
        using ModelParts parts = builder.Build(ScalarType.Float32, CPU, null, CancellationToken.None);
        Tensor pixels = linspace(-1, 1, 2 * 3 * 768 * 768).reshape(2, 3, 768, 768);

        Tensor both = parts.Visuals.call(pixels);
        Tensor second = parts.Visuals.call(pixels.narrow(0, 1, 1));

        Assert.Equal([2, parts.Visuals.Layout.Geometry.TokensPerTile, 32], both.shape);
        Assert.True(both.narrow(0, 1, 1).allclose(second, 1e-4, 1e-5));
    }
}
