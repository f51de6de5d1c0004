using DenseConnector.Connectors;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Connectors;

public sealed class ProjectorTests : TensorTest
{
    [Theory]
    [InlineData("linear", 1)]
    [InlineData("identity", 0)]
    [InlineData("mlp1x_gelu", 1)]
    [InlineData("mlp2x_gelu", 2)]
    [InlineData("mlp02x_gelu", 2)]
    [InlineData("mlp16x_gelu", 16)]
    public void Depth_KnownName_CountsLayers(string name, int depth) => Assert.Equal(depth, Projector.Depth(name));

    [Theory]
    [InlineData("")]
    [InlineData("Identity")]
    [InlineData("mlp")]
    [InlineData("mlpx_gelu")]
    [InlineData("mlp0x_gelu")]
    [InlineData("mlp-1x_gelu")]
    [InlineData("mlp17x_gelu")]
    [InlineData("mlp99999999999x_gelu")]
    [InlineData("mlp 2x_gelu")]
    [InlineData("mlp+2x_gelu")]
    [InlineData("mlp2x_relu")]
    [InlineData("MLP2X_GELU")]
    [InlineData("x_gelu")]
    [InlineData("linear ")]
    public void Depth_OtherName_GivesNull(string name) => Assert.Null(Projector.Depth(name));

    [Fact]
    public void Constructor_OtherName_Throws()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 1));

        Assert.Throws<ArgumentException>(() => new Projector(Scope(folder), "ldp", 2, 2).Dispose());
    }

    [Fact]
    public void Constructor_IdentityOfTwoWidths_NamesBoth()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 1));

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new Projector(Scope(folder), "identity", 96, 32).Dispose());

        Assert.Contains("width 96 into 32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_Identity_HandsATensorOfItsOwnOn()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 1));
        using Projector projector = new(Scope(folder).At("p"), "identity", 3, 3);
        Tensor input = tensor([1f, 2, 3], [1, 1, 3]);

        Tensor projected = projector.call(input);
        input.Dispose();

        Assert.Empty(projector.parameters());
        Assert.Equal([1f, 2, 3], projected.data<float>().ToArray());
    }

    [Fact]
    public void Forward_Linear_HasNoIndexInItsNames()
    {
        using WeightFolder folder = new(new WeightFile()
            .Add("p.weight", [2, 3], 1, 0, 0, 0, 2, 0)
            .Add("p.bias", [2], 10, 20));
        using Projector projector = new(Scope(folder).At("p"), "linear", 3, 2);

        Tensor projected = projector.call(tensor([1f, 2, 3], [1, 1, 3]));

        folder.Checkpoint.ThrowIfIncomplete();
        Assert.Equal([11f, 24], projected.data<float>().ToArray());
    }

    [Fact]
    public void Forward_Mlp2_TakesEverySecondIndexAndExactGelu()
    {
        using WeightFolder folder = new(new WeightFile()
            .Add("p.0.weight", [2, 1], 1, -1)
            .Add("p.0.bias", [2], 0, 0)
            .Add("p.2.weight", [2, 2], 1, 0, 0, 1)
            .Add("p.2.bias", [2], 0, 0));
        using Projector projector = new(Scope(folder).At("p"), "mlp2x_gelu", 1, 2);

        Tensor projected = projector.call(tensor([1f], [1, 1, 1]));

        // x · Φ(x) at 1 and -1; the tanh form would give 0.8412 and -0.1588.
        folder.Checkpoint.ThrowIfIncomplete();
        float[] values = projected.data<float>().ToArray();
        Assert.Equal(0.8413447f, values[0], 6);
        Assert.Equal(-0.1586553f, values[1], 6);
    }

    [Fact]
    public void Forward_Mlp3_AppliesNoActivationAtTheEnd()
    {
        using WeightFolder folder = new(new WeightFile()
            .Add("0.weight", [1, 1], 1f).Add("0.bias", [1], 0f)
            .Add("2.weight", [1, 1], 0f).Add("2.bias", [1], 0f)
            .Add("4.weight", [1, 1], 1f).Add("4.bias", [1], -5f));
        using Projector projector = new(Scope(folder), "mlp3x_gelu", 1, 1);

        Assert.Equal(-5f, projector.call(ones(1, 1, 1)).item<float>());
    }

    [Fact]
    public void Forward_TokensOnAnotherDevice_Throws()
    {
        using WeightFolder folder = new(new WeightFile().Add("weight", [2, 3], new float[6]).Add("bias", 2));
        using Projector projector = new(Scope(folder), "linear", 3, 2);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => projector.call(zeros([1, 1, 3], ScalarType.Float32, META)));

        Assert.Contains("lie on meta, the weights of Projector on cpu", error.Message, StringComparison.Ordinal);
    }

    private static WeightScope Scope(WeightFolder folder) => new(folder.Checkpoint, ScalarType.Float32, CPU);
}
