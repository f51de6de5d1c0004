using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using DenseConnector.Vision;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Vision;

public sealed class ClipVisionEncoderTests : TensorTest
{
    private static readonly VisionConfig Config = new()
    {
        ModelType = "clip_vision_model",
        Json = ConfigJson.Parse("config.json", "{}"u8.ToArray()),
        HiddenSize = 8,
        IntermediateSize = 12,
        Layers = 4,
        Heads = 2,
        ImageSize = 12,
        PatchSize = 4,
        NormEpsilon = 1e-5,
        Activation = "quick_gelu",
    };

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(1, 3)]
    [InlineData(4, 4)]
    public void Constructor_DeepestStateUsed_BuildsNoLayerBeyond(int last, int rangeEnd)
    {
        LayerRange[] ranges = rangeEnd == 0 ? [] : [new(0, rangeEnd)];
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Config)));

        using ClipVisionEncoder encoder = Build(folder, ranges, last);

        Assert.Equal(Math.Max(last, rangeEnd), encoder.LayersRun);
        Assert.Equal(encoder.LayersRun, encoder.modules().OfType<VisionLayer>().Count());
        folder.Checkpoint.ThrowIfIncomplete();
    }

    [Fact]
    public void Forward_PixelsOnAnotherDevice_SaysWhereBothLie()
    {
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Config)));
        using ClipVisionEncoder encoder = Build(folder, [], 3);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => encoder.call(zeros([1, 3, 12, 12], ScalarType.Float32, META)));

        Assert.Equal(
            "The pixel values lie on meta, the weights of ClipVisionEncoder on cpu; " +
                "move the pixel values to cpu first.",
            error.Message);
    }

    [Fact]
    public void Forward_PixelsOfAnotherType_SaysWhichItReads()
    {
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Config)));
        using ClipVisionEncoder encoder = Build(folder, [], 3);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => encoder.call(zeros([1, 3, 12, 12], ScalarType.BFloat16, CPU)));

        Assert.Contains("are BFloat16, ClipVisionEncoder reads Float32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_WeightsOfUnusedLayersMissing_AreNotMissed()
    {
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Config).Where(
            weight => !weight.Key.StartsWith("encoder.layers.3.", StringComparison.Ordinal))));

        using ClipVisionEncoder encoder = Build(folder, [], 3);

        folder.Checkpoint.ThrowIfIncomplete();
    }

    [Fact]
    public void Constructor_LayerBeyondTheConfig_IsUnexpected()
    {
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Config with { Layers = 5 })));

        using ClipVisionEncoder encoder = Build(folder, [], 3);

        Assert.Contains(
            "16 not expected by this model: 'encoder.layers.4.",
            Assert.Throws<CheckpointException>(folder.Checkpoint.ThrowIfIncomplete).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_Batch_GivesFeaturesOfItsPatches()
    {
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Config)));
        using ClipVisionEncoder encoder = Build(folder, [new(0, 1), new(2, 4)], 3);

        VisionFeatures features = encoder.call(Pixels(2));

        Assert.Equal(9, encoder.Patches);
        Assert.Equal([2, 9, 8], features.Last.shape);
        Assert.All(features.Means, mean => Assert.Equal([2, 9, 8], mean.shape));
    }

    [Fact]
    public void Forward_Ranges_AreTheMeansOfThatManySingleStates()
    {
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Config)));
        Tensor[] states = [.. Enumerable.Range(0, 5).Select(last =>
        {
            using ClipVisionEncoder single = Build(folder, [], last);
            return single.call(Pixels(1)).Last;
        })];
        using ClipVisionEncoder encoder = Build(folder, [new(0, 1), new(2, 4)], 3);

        VisionFeatures features = encoder.call(Pixels(1));

        Assert.True(features.Last.allclose(states[3]));
        Assert.True(features.Means[0].allclose(stack(states[..2]).mean([0L])));
        Assert.True(features.Means[1].allclose(stack(states[2..]).mean([0L])));
    }

    [Fact]
    public void Forward_Batch_EqualsThePicturesAlone()
    {
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Config)));
        using ClipVisionEncoder encoder = Build(folder, [], 4);
        Tensor pixels = Pixels(3);

        Tensor batch = encoder.call(pixels).Last;

        for (int picture = 0; picture < 3; picture++)
        {
            Tensor alone = encoder.call(pixels.narrow(0, picture, 1)).Last;
            Assert.True(batch.narrow(0, picture, 1).allclose(alone, 1e-5, 1e-6));
        }
    }

    [Fact]
    public void Forward_State0_IsTheNormedEmbedding()
    {
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Config)));
        using ClipVisionEncoder encoder = Build(folder, [], 0);
        Tensor pixels = Pixels(1);

        Tensor state = encoder.call(pixels).Last;

        // Patch 5 is the second row's last: a product over its pixels, its position, the norm, by hand.
        IReadOnlyDictionary<string, WeightFile.Weight> weights = TinyClip.Weights(Config);
        Tensor patch = pixels[0].narrow(1, 4, 4).narrow(2, 8, 4).reshape(1, 48);
        Tensor kernel = tensor(weights["embeddings.patch_embedding.weight"].Values, [8, 48]);
        Tensor positions = tensor(weights["embeddings.position_embedding.weight"].Values, [10, 8]);
        Tensor embedded = (kernel * patch).sum(1) + positions[6];
        Tensor centred = embedded - embedded.mean();
        Tensor expected = (centred / (centred.square().mean() + Config.NormEpsilon).sqrt() *
            tensor(weights["pre_layrnorm.weight"].Values)) + tensor(weights["pre_layrnorm.bias"].Values);
        Assert.True(state[0, 5].allclose(expected, 1e-4, 1e-5));
    }

    [Fact]
    public void Forward_Repeated_LeavesOnlyItsFeatures()
    {
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Config)));
        using ClipVisionEncoder encoder = Build(folder, [new(0, 1), new(2, 4)], 3);
        Tensor pixels = Pixels(1);
        long before = LiveTensors;

        VisionFeatures features = encoder.call(pixels);

        Assert.Equal(before + 1 + features.Means.Count, LiveTensors);
    }

    private static ClipVisionEncoder Build(WeightFolder folder, LayerRange[] ranges, int last) =>
        new(new WeightScope(folder.Checkpoint, ScalarType.Float32, CPU), Config, ranges, last);

    private static Tensor Pixels(int pictures) =>
        arange(pictures * 3 * 12 * 12, ScalarType.Float32).reshape(pictures, 3, 12, 12).mul_(0.37).sin_();
}
