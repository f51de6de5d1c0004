using DenseConnector.Loading;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace DenseConnector.Tests.Loading;

public sealed class WeightScopeTests : TensorTest
{
    [Fact]
    public void Parameter_InNestedScopes_ReadsTheJoinedName()
    {
        using WeightFolder folder = new(new WeightFile().Add("model.layers.3.mlp.up.weight", [2], 1, 2));
        WeightScope root = new(folder.Checkpoint, ScalarType.Float32, CPU);

        Parameter read = root.At("model.layers").At(3).At("mlp").At("up").Parameter("weight", 2);

        Assert.Equal([1f, 2f], read.data<float>().ToArray());
    }

    [Fact]
    public void Parameter_Always_HasNoGradient()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 1));

        Assert.False(new WeightScope(folder.Checkpoint, ScalarType.Float32, CPU).Parameter("a", 1).requires_grad);
    }

    [Fact]
    public void Parameter_TypeOfTheScope_IsWhatTheWeightGets()
    {
        using WeightFolder folder = new(new WeightFile().Add("a.b", 1));
        WeightScope scope = new WeightScope(folder.Checkpoint, ScalarType.BFloat16, CPU).At("a");

        Assert.Equal(ScalarType.BFloat16, scope.Type);
        Assert.Equal(ScalarType.BFloat16, scope.Parameter("b", 1).dtype);
    }

    [Fact]
    public void Parameter_Read_BelongsToTheCurrentScope()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 1));
        long before = LiveTensors;

        using (NewDisposeScope())
        {
            new WeightScope(folder.Checkpoint, ScalarType.Float32, CPU).Parameter("a", 1);
        }

        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Parameter_Cancelled_Throws()
    {
        using WeightFolder folder = new(new WeightFile().Add("a.b", 1));
        WeightScope scope = new(folder.Checkpoint, ScalarType.Float32, CPU, new CancellationToken(canceled: true));

        Assert.Throws<OperationCanceledException>(() => scope.At("a").Parameter("b", 1));
    }

    [Theory]
    [InlineData("model", true)]
    [InlineData("model.vision", true)]
    [InlineData("mod", false)]
    [InlineData("other", false)]
    public void Any_Prefix_FindsWholeSegmentsOnly(string name, bool expected)
    {
        using WeightFolder folder = new(new WeightFile().Add("model.vision.weight", 1));

        Assert.Equal(expected, new WeightScope(folder.Checkpoint, ScalarType.Float32, CPU).At(name).Any());
    }

    [Fact]
    public void Ignore_InAScope_HidesTheJoinedName()
    {
        using WeightFolder folder = new(new WeightFile().Add("a.b.c", 1).Add("b.c", 1));
        new WeightScope(folder.Checkpoint, ScalarType.Float32, CPU).At("a").Ignore("b");

        CheckpointException error = Assert.Throws<CheckpointException>(folder.Checkpoint.ThrowIfIncomplete);

        Assert.EndsWith("1 not expected by this model: 'b.c'.", error.Message, StringComparison.Ordinal);
    }
}
