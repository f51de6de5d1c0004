using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests;

public sealed class MiniGeminiTests : TensorTest
{
    [Fact]
    public void OpenTower_ModelWithoutOne_GivesNull()
    {
        ModelPlan plan = ModelPlan.Read(ModelFolder.Find(TestData.TinyModel), new ModelOptions());
        using Checkpoint checkpoint = Checkpoint.Open(plan.Folder.Path);

        Assert.Null(MiniGemini.OpenTower(plan, checkpoint, VisionWeights.Auto, MemoryMap.Never));
    }

    [Theory]
    [InlineData(VisionWeights.Auto, false)]
    [InlineData(VisionWeights.Checkpoint, false)]
    [InlineData(VisionWeights.Separate, true)]
    public void OpenTower_WeightsInTheCheckpoint_AreTakenUnlessToldOtherwise(VisionWeights weights, bool separate)
    {
        ModelPlan plan = MiniGeminiFixtures.Plain.Plan;
        using Checkpoint checkpoint = Checkpoint.Open(plan.Folder.Path);

        using Checkpoint? tower = MiniGemini.OpenTower(plan, checkpoint, weights, MemoryMap.Never);

        Assert.Equal(separate, tower is not null);
    }

    [Fact]
    public void OpenTower_WeightsAskedForInTheCheckpointAreNotThere_Throws()
    {
        ModelPlan plan = MiniGeminiFixtures.Dense.Plan;
        using Checkpoint checkpoint = Checkpoint.Open(plan.Folder.Path);

        CheckpointException error = Assert.Throws<CheckpointException>(
            () => MiniGemini.OpenTower(plan, checkpoint, VisionWeights.Checkpoint, MemoryMap.Never));

        Assert.Contains("model.vision_tower_aux", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Builder_TowerNeitherInsideNorNamed_SaysWhichOptionToSet()
    {
        ModelPlan plan = MiniGeminiFixtures.Dense.Plan;
        plan = plan with { Auxiliary = plan.Auxiliary! with { TowerFolder = null } };

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => new ModelBuilder(plan, VisionWeights.Auto).Dispose());

        Assert.Contains("--auxiliary-vision-tower", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_WeightsThatAreNoConvNext_Throws()
    {
        ModelPlan plan = MiniGeminiFixtures.Dense.Plan;
        plan = plan with { Auxiliary = plan.Auxiliary! with { TowerFolder = plan.TowerFolder } };
        using ModelBuilder builder = new(plan, VisionWeights.Auto);

        CheckpointException error = Assert.Throws<CheckpointException>(
            () => builder.Check(ScalarType.Float32, CancellationToken.None));

        Assert.Contains("ConvNeXt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_WidthOtherThanTheWeights_Throws()
    {
        ModelPlan plan = MiniGeminiFixtures.Plain.Plan;
        AuxiliaryPlan auxiliary = plan.Auxiliary!;
        plan = plan with { Auxiliary = auxiliary with { Config = auxiliary.Config with { Width = 57 } } };
        using ModelBuilder builder = new(plan, VisionWeights.Auto);

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => builder.Check(ScalarType.Float32, CancellationToken.None));

        Assert.Contains("8 + 12 + 16 + 20", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VisionWeights.Auto)]
    [InlineData(VisionWeights.Separate)]
    public void Build_EitherPlaceOfTheWeights_ReadsEveryTensorOnce(VisionWeights weights)
    {
        LoadProgress? last = null;
        using ModelBuilder builder = new(MiniGeminiFixtures.Plain.Plan, weights);

        using ModelParts parts = builder.Build(
            ScalarType.Float32, CPU, new Immediate(progress => last = progress), CancellationToken.None);

        Assert.Equal(last!.TotalBytes, last.BytesRead);
        long weightsBuilt = parts.Visuals.parameters().Concat(parts.Decoder.parameters()).Sum(weight => weight.numel());
        Assert.Equal(last.TotalBytes, sizeof(float) * weightsBuilt);
    }

    [Theory]
    [InlineData(VisionWeights.Auto, 0)]
    [InlineData(VisionWeights.Checkpoint, 0)]
    [InlineData(VisionWeights.Separate, 1)]
    public void Build_TowersThatDiffer_TakesBothFromTheSamePlace(VisionWeights asked, float shift)
    {
        ModelPlan plan = MiniGeminiFixtures.Plain.Plan;
        using TemporaryFolder transformer = WriteShifted(plan.TowerFolder);
        using TemporaryFolder convNext = WriteShifted(plan.Auxiliary!.TowerFolder!);
        ModelPlan other = plan with
        {
            TowerFolder = transformer.Path,
            Auxiliary = plan.Auxiliary with { TowerFolder = convNext.Path },
        };
        using ModelBuilder inside = new(plan, VisionWeights.Checkpoint);
        using ModelBuilder builder = new(other, asked);

        using ModelParts expected = inside.Build(ScalarType.Float32, CPU, null, CancellationToken.None);
        using ModelParts parts = builder.Build(ScalarType.Float32, CPU, null, CancellationToken.None);

        foreach ((Tensor ours, Tensor theirs) in parts.Visuals.Encoder.parameters()
            .Zip(expected.Visuals.Encoder.parameters(), (ours, theirs) => (ours, theirs)))
        {
            Assert.True(ours.allclose(theirs + shift));
        }
    }

    /// <summary>A tower's weights, each 1 larger, in a folder of their own.</summary>
    private static TemporaryFolder WriteShifted(string tower)
    {
        TemporaryFolder folder = new();
        using Checkpoint checkpoint = Checkpoint.Open(tower);
        WeightFile weights = new();
        foreach ((string name, TensorLocation location) in checkpoint.Tensors
            .Where(item => item.Value.Entry.Type == TensorType.F32))
        {
            Tensor shifted = TensorReading.Read(location, CancellationToken.None) + 1;
            weights.Add(name, [.. location.Entry.Shape], shifted.data<float>().ToArray());
        }

        weights.Save(folder.Path);
        return folder;
    }

    private sealed class Immediate(Action<LoadProgress> report) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => report(value);
    }
}
