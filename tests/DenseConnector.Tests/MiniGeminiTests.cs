using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests;

public sealed class MiniGeminiTests : TensorTest
{
    [Fact]
    public void OpenTower_ModelWithoutOne_GivesNull()
    {
        ModelPlan plan = ModelPlan.Read(ModelFolder.Find(TestData.TinyModel), new ModelOptions());
        using Checkpoint checkpoint = Checkpoint.Open(plan.Folder.Path);

        Assert.Null(MiniGemini.OpenTower(plan, checkpoint, VisionWeights.Auto));
    }

    [Theory]
    [InlineData(VisionWeights.Auto, false)]
    [InlineData(VisionWeights.Checkpoint, false)]
    [InlineData(VisionWeights.Separate, true)]
    public void OpenTower_WeightsInTheCheckpoint_AreTakenUnlessToldOtherwise(VisionWeights weights, bool separate)
    {
        ModelPlan plan = MiniGeminiFixtures.Plain.Plan;
        using Checkpoint checkpoint = Checkpoint.Open(plan.Folder.Path);

        using Checkpoint? tower = MiniGemini.OpenTower(plan, checkpoint, weights);

        Assert.Equal(separate, tower is not null);
    }

    [Fact]
    public void OpenTower_WeightsAskedForInTheCheckpointAreNotThere_Throws()
    {
        ModelPlan plan = MiniGeminiFixtures.Dense.Plan;
        using Checkpoint checkpoint = Checkpoint.Open(plan.Folder.Path);

        CheckpointException error = Assert.Throws<CheckpointException>(
            () => MiniGemini.OpenTower(plan, checkpoint, VisionWeights.Checkpoint));

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

    private sealed class Immediate(Action<LoadProgress> report) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => report(value);
    }
}
