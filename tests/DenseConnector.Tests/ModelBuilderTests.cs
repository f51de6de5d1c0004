using DenseConnector.Layers;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using DenseConnector.Tests.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Tests;

public sealed class ModelBuilderTests : TensorTest
{
    private readonly ModelCopy _model = new();

    protected override void DisposeTest() => _model.Dispose();

    [Fact]
    public void Build_Completed_WeightsOutliveTheCallersScope()
    {
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);
        ModelParts parts;
        using (NewDisposeScope())
        {
            parts = builder.Build(ScalarType.Float32, CPU, null, CancellationToken.None);
        }

        using (parts)
        {
            Assert.All(parts.Tensors, weight => Assert.False(weight.IsInvalid));
        }
    }

    [Fact]
    public void Build_Disposed_LeavesNoTensor()
    {
        long before = LiveTensors;
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);

        builder.Build(ScalarType.Float32, CPU, null, CancellationToken.None).Dispose();

        builder.Dispose();
        Assert.Equal(before, LiveTensors);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(400)]
    public void Build_CancelledAfterSomeTensors_LeavesNoTensor(int tensors)
    {
        long before = LiveTensors;
        using CancellationTokenSource cancel = new();
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);
        AfterTensors after = new(tensors, cancel.Cancel);

        Assert.Throws<OperationCanceledException>(
            () => builder.Build(ScalarType.Float32, CPU, after, cancel.Token));

        Assert.Equal(tensors, after.Reports.Count);
        builder.Dispose();
        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Build_ProgressThatThrows_LeavesNoTensor()
    {
        long before = LiveTensors;
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);

        Assert.Throws<TimeoutException>(() => builder.Build(
            ScalarType.Float32, CPU, new AfterTensors(50, () => throw new TimeoutException()), CancellationToken.None));

        builder.Dispose();
        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Build_FileCutAfterOpening_ThrowsAndLeavesNoTensor()
    {
        long before = LiveTensors;
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);
        using (FileStream weights = new(
            _model.PathOf("model.safetensors"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            weights.SetLength(weights.Length / 2);
        }

        Assert.Throws<CheckpointException>(
            () => builder.Build(ScalarType.Float32, CPU, null, CancellationToken.None));

        builder.Dispose();
        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Build_Progress_GrowsToTheTotal()
    {
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);
        AfterTensors progress = new(0, () => { });

        using ModelParts parts = builder.Build(ScalarType.Float32, CPU, progress, CancellationToken.None);

        Assert.Equal(progress.Reports.OrderBy(report => report.BytesRead), progress.Reports);
        Assert.All(progress.Reports, report => Assert.Equal(progress.Reports[^1].BytesRead, report.TotalBytes));
        Assert.Equal(2 * parts.Visuals.parameters().Concat(parts.Decoder.parameters()).Sum(weight => weight.numel()),
            progress.Reports[^1].TotalBytes);
    }

    [Fact]
    public void Check_FittingCheckpoint_ReadsNothing()
    {
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);

        using ModelParts parts = builder.Check(ScalarType.Float32, CancellationToken.None);

        Assert.All(parts.Tensors, weight => Assert.Equal(DeviceType.META, weight.device_type));
    }

    [Fact]
    public void Check_UnfittingCheckpoint_LeavesNoTensor()
    {
        long before = LiveTensors;
        _model.Set("intermediate_size", 64);
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);

        CheckpointException error = Assert.Throws<CheckpointException>(
            () => builder.Check(ScalarType.Float32, CancellationToken.None));

        Assert.Contains("12 of another shape", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "'model.layers.0.mlp.up_proj.weight' has shape [320, 128], expected [64, 128]",
            error.Message,
            StringComparison.Ordinal);
        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Constructor_VisionWeightsWithoutAnyInTheCheckpoint_ThrowsAndClosesTheFile()
    {
        using TemporaryFolder folder = new();
        new WeightFile().Add("lm_head.weight", 4).Save(folder.Path);
        ModelPlan plan = _model.ReadPlan() with { Folder = new ModelFolder(folder.Path, folder.Path, null) };

        CheckpointException error = Assert.Throws<CheckpointException>(
            () => new ModelBuilder(plan, VisionWeights.Checkpoint).Dispose());

        Assert.Contains("holds no vision weights", error.Message, StringComparison.Ordinal);
        Assert.Contains("VisionWeights", error.Message, StringComparison.Ordinal);
        Assert.False(folder.HasOpenFiles());
    }

    [Fact]
    public void Constructor_TowerFolderWithoutWeights_ThrowsAndClosesTheCheckpoint()
    {
        File.Delete(_model.PathOf("vision_tower/model.safetensors"));

        CheckpointException error = Assert.Throws<CheckpointException>(
            () => new ModelBuilder(_model.ReadPlan(), VisionWeights.Separate).Dispose());

        Assert.EndsWith("vision_tower", error.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VisionWeights.Auto, false)]
    [InlineData(VisionWeights.Checkpoint, false)]
    [InlineData(VisionWeights.Separate, true)]
    public void HasSeparateTower_CheckpointWithVisionWeights_IsAsAskedFor(VisionWeights asked, bool separate)
    {
        using ModelBuilder builder = new(_model.ReadPlan(), asked);

        Assert.Equal(separate, builder.HasSeparateTower);
    }

    [Fact]
    public void Build_SeparateTower_ReadsTheTowersFile()
    {
        using ModelBuilder inside = new(_model.ReadPlan(), VisionWeights.Checkpoint);
        using ModelBuilder separate = new(_model.ReadPlan(), VisionWeights.Separate);

        using ModelParts fromCheckpoint = inside.Build(ScalarType.Float32, CPU, null, CancellationToken.None);
        using ModelParts fromTower = separate.Build(ScalarType.Float32, CPU, null, CancellationToken.None);

        // The bundled model's two copies are the same weights.
        Assert.True(fromCheckpoint.Visuals.parameters().Zip(fromTower.Visuals.parameters()).All(
            pair => pair.First.allclose(pair.Second)));
    }

    [Fact]
    public void Check_ConnectorDeeperThanTheTower_NamesBoth()
    {
        _model.Set("num_hidden_layers", 12, "vision_tower/config.json");
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => builder.Check(ScalarType.Float32, CancellationToken.None));

        Assert.Equal("num_hidden_layers", error.Path);
        Assert.Contains("is 12", error.Message, StringComparison.Ordinal);
        Assert.Contains("'dci', which uses hidden state 23", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(Path.Combine("vision_tower", "config.json"), error.File, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ConnectorDeeperThanAWholeClip_NamesTheWholeKey()
    {
        _model.WrapTower("num_hidden_layers", 12);
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => builder.Check(ScalarType.Float32, CancellationToken.None));

        Assert.Equal("vision_config.num_hidden_layers", error.Path);
        Assert.Contains("'vision_config.num_hidden_layers' is 12", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ProjectorInputOfAnotherWidth_NamesBoth()
    {
        _model.Set("mm_hidden_size", 64);
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => builder.Check(ScalarType.Float32, CancellationToken.None));

        Assert.Equal("mm_hidden_size", error.Path);
        Assert.Contains("is 64, but connector 'dci' gives 192", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_IdentityProjectorOfTwoWidths_NamesBoth()
    {
        _model.Set("mm_projector_type", "identity");
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => builder.Check(ScalarType.Float32, CancellationToken.None));

        Assert.Equal("mm_projector_type", error.Path);
        Assert.Contains("'dci' gives 192", error.Message, StringComparison.Ordinal);
        Assert.Contains("reads 128 ('hidden_size')", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_IdentityProjector_HandsTheConnectorsTokensOn()
    {
        ModelPlan plan = Identity(new ReferenceFixture(
            Path.Combine(TestData.Fixtures, "reference"), "clip_vicuna_none").Plan);
        using TemporaryFolder folder = new();
        WriteWithout("model.mm_projector.", plan.Folder.Path, folder.Path);
        plan = plan with { Folder = new ModelFolder(folder.Path, folder.Path, null) };
        using ModelBuilder builder = new(plan, VisionWeights.Auto);
        using ModelParts parts = builder.Build(ScalarType.Float32, CPU, null, CancellationToken.None);
        Tensor pixels = HeldScalars.Count(3 * 336 * 336).sin().view(1, 3, 336, 336);

        Tensor tokens = parts.Visuals.call(pixels);

        Tensor expected = parts.Visuals.Connector.call(parts.Visuals.Encoder.call(pixels));
        Assert.Equal([1, 576, 32], tokens.shape);
        Assert.True(expected.equal(tokens).all().item<bool>());
    }

    [Fact]
    public void Check_IdentityProjectorWithWeights_ListsThem()
    {
        ModelPlan plan = Identity(new ReferenceFixture(
            Path.Combine(TestData.Fixtures, "reference"), "clip_vicuna_none").Plan);
        using ModelBuilder builder = new(plan, VisionWeights.Auto);

        CheckpointException error = Assert.Throws<CheckpointException>(
            () => builder.Check(ScalarType.Float32, CancellationToken.None));

        Assert.Contains("not expected by this model", error.Message, StringComparison.Ordinal);
        Assert.Contains("'model.mm_projector.0.weight'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_UnknownDecoder_NamesTheKnownOnes()
    {
        _model.Set("model_type", "llava_mpt");
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => builder.Check(ScalarType.Float32, CancellationToken.None));

        Assert.Equal("model_type", error.Path);
        Assert.Contains("'llava_mpt', supported are 'llama', ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("F32", Precision.Auto, false, ScalarType.Float32)]
    [InlineData("F32", Precision.Auto, true, ScalarType.Float32)]
    [InlineData("F16", Precision.Auto, false, ScalarType.Float32)]
    [InlineData("F16", Precision.Auto, true, ScalarType.Float16)]
    [InlineData("BF16", Precision.Auto, false, ScalarType.BFloat16)]
    [InlineData("BF16", Precision.Auto, true, ScalarType.BFloat16)]
    [InlineData("F64", Precision.Auto, true, ScalarType.Float32)]
    [InlineData("F32", Precision.Float16, true, ScalarType.Float16)]
    [InlineData("F16", Precision.BFloat16, false, ScalarType.BFloat16)]
    [InlineData("F16", Precision.Float32, true, ScalarType.Float32)]
    [InlineData("F32", Precision.BFloat16, false, ScalarType.BFloat16)]
    public void Resolve_StoredTypeAndDevice_GivesTheNumberFormat(
        string stored, Precision asked, bool accelerator, ScalarType expected)
    {
        using TemporaryFolder folder = new();
        new WeightFile()
            .Add("a", stored, [16], new byte[stored == "F64" ? 128 : stored == "F32" ? 64 : 32])
            .Add("b", "F32", [2], new byte[8])
            .Save(folder.Path);
        ModelPlan plan = _model.ReadPlan() with { Folder = new ModelFolder(folder.Path, folder.Path, null) };
        using ModelBuilder builder = new(plan, VisionWeights.Separate);

        // Any device that is not the CPU decides alike; the meta device is the one every machine has.
        Assert.Equal(expected, builder.Resolve(asked, accelerator ? META : CPU));
    }

    [Fact]
    public void Resolve_CheckpointWithoutTensors_LeavesTheErrorToTheCheck()
    {
        using TemporaryFolder folder = new();
        new WeightFile().Save(folder.Path);
        ModelPlan plan = _model.ReadPlan() with { Folder = new ModelFolder(folder.Path, folder.Path, null) };
        using ModelBuilder builder = new(plan, VisionWeights.Separate);

        ScalarType type = builder.Resolve(Precision.Auto, CPU);

        CheckpointException error = Assert.Throws<CheckpointException>(
            () => builder.Check(type, CancellationToken.None));
        Assert.Contains("'model.embed_tokens.weight' [1024, 128]", error.Message, StringComparison.Ordinal);
    }

    private static ModelPlan Identity(ModelPlan plan) => plan with
    {
        Config = plan.Config with { Connector = plan.Config.Connector with { Projector = "identity" } },
    };

    private static void WriteWithout(string prefix, string from, string to)
    {
        using Checkpoint checkpoint = Checkpoint.Open(from);
        WeightFile weights = new();
        foreach ((string name, TensorLocation location) in checkpoint.Tensors
            .Where(item => !item.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            using Tensor values = TensorReading.Read(location, CancellationToken.None);
            weights.Add(name, $"{location.Entry.Type}", [.. location.Entry.Shape], values.bytes.ToArray());
        }

        weights.Save(to);
    }

    /// <summary>Keeps the reports and does something once so many tensors have been read.</summary>
    private sealed class AfterTensors(int tensors, Action action) : IProgress<LoadProgress>
    {
        public List<LoadProgress> Reports { get; } = [];

        public void Report(LoadProgress value)
        {
            Reports.Add(value);
            if (Reports.Count == tensors)
            {
                action();
            }
        }
    }
}
