using DenseConnector.Layers;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Layers;

public sealed class Int8WeightTests : TensorTest
{
    private readonly ComputeContext _compute;

    public Int8WeightTests() => _compute = ComputeContext.Start(ScalarType.Float32, CPU);

    protected override void DisposeTest() => _compute.Dispose();

    [Theory]
    [InlineData(16, 32)]
    [InlineData(33, 101)]
    [InlineData(1, 1)]
    public void Stored_AnyShape_IsLaidOutAsDocumented(int rows, int columns)
    {
        Tensor dense = HeldScalars.Count((long)rows * columns).sin().view(rows, columns);

        using Int8Weight weight = Int8Weight.Round(dense, _compute);

        (string Name, Tensor Values)[] stored = [.. weight.Stored("w")];
        Assert.Equal(["w", "w_scale"], stored.Select(tensor => tensor.Name));
        (Tensor integers, Tensor scales) = (stored[0].Values, stored[1].Values);
        Assert.Equal((ScalarType.Int8, ScalarType.Float32), (integers.dtype, scales.dtype));
        Assert.Equal([rows, columns], integers.shape);
        Assert.Equal([rows], scales.shape);
        sbyte[] weights = integers.data<sbyte>().ToArray();
        float[] scale = scales.data<float>().ToArray();
        float[] values = [.. weights.Select((integer, index) => integer * scale[index / columns])];
        Assert.Equal(TensorRows.ToSingle(weight.ToDense()), values);
        Assert.All(values.Zip(TensorRows.ToSingle(dense)), pair => Assert.InRange(
            pair.First - pair.Second, -0.004f, 0.004f));
    }
}
