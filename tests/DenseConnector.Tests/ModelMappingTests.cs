using DenseConnector.Tests.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests;

/// <summary>A model whose weights lie over its files: the tiny one, saved in bfloat16.</summary>
public sealed class ModelMappingTests : TensorTest
{
    private readonly ModelCopy _model = new();

    public ModelMappingTests() => _model.StoreAsBFloat16();

    protected override void DisposeTest() => _model.Dispose();

    [LinuxX64Fact]
    public void Build_Mapped_EveryWeightEqualsTheCopiedOneBitForBit()
    {
        using ModelParts mapped = Build(MemoryMap.Auto);
        using ModelParts copied = Build(MemoryMap.Never);

        Dictionary<string, Tensor> expected = Weights(copied);
        Dictionary<string, Tensor> found = Weights(mapped);
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        Assert.NotEmpty(found);
        Assert.All(found, weight =>
        {
            Assert.True(MappedRanges.Holds(_model.Path, weight.Value), $"{weight.Key} is no mapped weight.");
            Assert.False(MappedRanges.Holds(_model.Path, expected[weight.Key]));
            Assert.Equal(expected[weight.Key].shape, weight.Value.shape);
            Assert.True(expected[weight.Key].bytes.SequenceEqual(weight.Value.bytes), $"{weight.Key} differs.");
        });
    }

    [LinuxX64Fact]
    public void Build_Disposed_LeavesNoTensorAndUnmaps()
    {
        long before = LiveTensors;

        ModelParts parts = Build(MemoryMap.Auto);
        Assert.True(MappedRanges.Any(_model.Path));
        parts.Dispose();

        Assert.False(MappedRanges.Any(_model.Path));
        Assert.Equal(before, LiveTensors);
    }

    [LinuxX64Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(400)]
    public void Build_CancelledAfterSomeTensors_LeavesNoMapping(int tensors)
    {
        long before = LiveTensors;
        using CancellationTokenSource cancel = new();
        int seen = 0;
        int mappedThen = 0;
        Progress progress = new(_ =>
        {
            if (++seen == tensors)
            {
                mappedThen = MappedRanges.Of(_model.Path).Count;
                cancel.Cancel();
            }
        });

        Assert.Throws<OperationCanceledException>(() => Build(MemoryMap.Auto, progress, cancel.Token));

        Assert.True(mappedThen > 0);
        Assert.False(MappedRanges.Any(_model.Path));
        Assert.Equal(before, LiveTensors);
    }

    [LinuxX64Fact]
    public void Build_FileCutAfterOpening_ThrowsAndLeavesNoMapping()
    {
        long before = LiveTensors;
        using (ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto))
        {
            using (FileStream weights = new(
                _model.PathOf("model.safetensors"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                weights.SetLength(weights.Length / 2);
            }

            Assert.Throws<CheckpointException>(
                () => builder.Build(ScalarType.BFloat16, CPU, null, CancellationToken.None));
        }

        Assert.False(MappedRanges.Any(_model.Path));
        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Build_Mapped_ProgressEndsAtItsTotal()
    {
        List<LoadProgress> reports = [];

        using ModelParts parts = Build(MemoryMap.Auto, new Progress(reports.Add));

        Assert.Equal(Weights(parts).Count, reports.Count);
        Assert.Equal(2 * Weights(parts).Values.Sum(weight => weight.numel()), reports[^1].TotalBytes);
        Assert.Equal(reports[^1].TotalBytes, reports[^1].BytesRead);
    }

    private static Dictionary<string, Tensor> Weights(ModelParts parts) =>
        parts.Visuals.named_parameters().Select(item => (Name: $"visuals.{item.name}", item.parameter))
            .Concat(parts.Decoder.named_parameters().Select(item => (Name: $"decoder.{item.name}", item.parameter)))
            .ToDictionary(item => item.Name, item => (Tensor)item.parameter);

    private ModelParts Build(
        MemoryMap map, IProgress<LoadProgress>? progress = null, CancellationToken cancellation = default)
    {
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto, map);
        return builder.Build(ScalarType.BFloat16, CPU, progress, cancellation);
    }

    private sealed class Progress(Action<LoadProgress> report) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => report(value);
    }
}
