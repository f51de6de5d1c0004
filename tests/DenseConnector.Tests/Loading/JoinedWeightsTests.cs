using DenseConnector.Loading;
using static DenseConnector.Tests.Loading.SafetensorsBytes;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

public sealed class JoinedWeightsTests : TensorTest
{
    private const string VisionInside = "model.vision_tower.vision_tower.vision_model.";
    private const string DetailInside = "model.vision_tower_aux.vision_";

    private readonly TemporaryFolder _model = new();
    private readonly TemporaryFolder _tower = new();
    private readonly TemporaryFolder _detail = new();

    public JoinedWeightsTests()
    {
        _model.Write("model.safetensors", OfTensors(
            Floats("lm_head.weight", [1], 1),
            Floats(VisionInside + "norm", [1], 2),
            Floats(DetailInside + "stem.0", [1], 3),
            Floats(DetailInside + "stages.0", [1], 4)));
        _tower.Write("model.safetensors", OfTensors(Floats("vision_model.norm", [1], 5)));
        _detail.Write("model.safetensors", OfTensors(
            Floats("visual.trunk.stem.0", [1], 6), Floats("visual.trunk.stages.0", [1], 7)));
    }

    protected override void DisposeTest()
    {
        _model.Dispose();
        _tower.Dispose();
        _detail.Dispose();
    }

    [Theory]
    [InlineData(false, false, new float[] { 1, 2, 3, 4 })]
    [InlineData(true, false, new float[] { 1, 5, 3, 4 })]
    [InlineData(false, true, new float[] { 1, 2, 6, 7 })]
    [InlineData(true, true, new float[] { 1, 5, 6, 7 })]
    public void Read_NamesInsideACheckpoint_AreFoundWhereTheWeightsLie(bool tower, bool detail, float[] expected)
    {
        using Checkpoint model = Checkpoint.Open(_model.Path);
        using Checkpoint? ownTower = tower ? Checkpoint.Open(_tower.Path) : null;
        using Checkpoint? ownDetail = detail ? Checkpoint.Open(_detail.Path) : null;
        JoinedWeights joined = new(model, ownTower, ownDetail);

        string[] names =
            ["lm_head.weight", VisionInside + "norm", DetailInside + "stem.0", DetailInside + "stages.0"];

        Assert.Equal(expected, names.Select(name => Read(joined, name)));
        Assert.All(names, name => Assert.Equal([1], joined.ShapeOf(name)!));
        Assert.All(names, name => Assert.True(joined.Any(name)));
        Assert.Null(joined.ShapeOf(VisionInside + "other"));
        Assert.False(joined.Any(DetailInside + "stages.1"));
    }

    [Fact]
    public void Ignore_NameInsideACheckpoint_IsIgnoredWhereItLies()
    {
        using Checkpoint model = Checkpoint.Open(_model.Path);
        using Checkpoint tower = Checkpoint.Open(_tower.Path);

        new JoinedWeights(model, tower, null).Ignore(VisionInside + "norm");

        tower.ThrowIfIncomplete();
        Assert.Throws<CheckpointException>(model.ThrowIfIncomplete);
    }

    private static float Read(WeightSource source, string name)
    {
        using Tensor read = source.Read(name, [1], ScalarType.Float32, CPU, CancellationToken.None);
        return read.item<float>();
    }
}
