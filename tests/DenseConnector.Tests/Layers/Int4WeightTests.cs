using DenseConnector.Layers;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Layers;

public sealed class Int4WeightTests : TensorTest
{
    private readonly ComputeContext _compute;

    public Int4WeightTests() => _compute = ComputeContext.Start(ScalarType.Float32, CPU);

    protected override void DisposeTest() => _compute.Dispose();

    /// <summary>The layout that the documentation gives, read back by its words alone.</summary>
    [Theory]
    [InlineData(16, 32)]
    [InlineData(33, 100)]
    [InlineData(1, 1)]
    public void Stored_AnyShape_IsLaidOutAsDocumented(int rows, int columns)
    {
        Tensor dense = HeldScalars.Count((long)rows * columns).sin().view(rows, columns);

        using Int4Weight weight = Int4Weight.Round(dense, _compute);

        (string Name, Tensor Values)[] stored = [.. weight.Stored("w")];
        Assert.Equal(["w_int4", "w_scale"], stored.Select(tensor => tensor.Name));
        (Tensor integers, Tensor scales) = (stored[0].Values, stored[1].Values);
        (long blocks, long groups) = ((rows + 15) / 16, (columns + 31) / 32);
        Assert.Equal((ScalarType.Byte, ScalarType.BFloat16), (integers.dtype, scales.dtype));
        Assert.Equal([blocks, 4 * groups, 16, 4], integers.shape);
        Assert.Equal([blocks, groups, 16], scales.shape);
        byte[] bytes = integers.data<byte>().ToArray();
        float[] scale = TensorRows.ToSingle(scales);
        float[] original = TensorRows.ToSingle(dense), expected = TensorRows.ToSingle(weight.ToDense());
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                (long r, long i) = (row / 16, row % 16);
                (long c, long j) = (column / 8, column % 8);
                byte both = bytes[(((((r * 4 * groups) + c) * 16) + i) * 4) + (j % 4)];
                int integer = j < 4 ? both & 15 : both >> 4;
                float value = (integer - 8) * scale[(((r * groups) + (column / 32)) * 16) + i];
                Assert.Equal(expected[(row * columns) + column], value);
                Assert.InRange(value - original[(row * columns) + column], -0.2f, 0.2f);
            }
        }
    }

    [Fact]
    public void Matrix_OnTheMetaDevice_IsNone()
    {
        using Checkpoint checkpoint = Checkpoint.Open(TestData.TinyModel);
        WeightScope weights = new WeightScope(checkpoint, ScalarType.BFloat16, META).With(Quantization.Int4, true);

        using Int4Weight weight = Int4Weight.Read(weights, "w", 20, 40);

        Assert.Null(weight.Matrix);
        Assert.Equal(800, weight.Count);
    }
}
