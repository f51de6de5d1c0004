using DenseConnector.Layers;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Layers;

/// <summary>Products in integers beside those in numbers; the integers themselves are exact.</summary>
public sealed class IntegerProductTests : TensorTest
{
    private readonly ComputeContext _compute;

    public IntegerProductTests() => _compute = ComputeContext.Start(ScalarType.BFloat16, CPU);

    protected override void DisposeTest() => _compute.Dispose();

    [VnniTheory]
    [InlineData(9, 32, 16)]
    [InlineData(40, 128, 512)]
    [InlineData(13, 100, 33)]
    [InlineData(1, 1, 1)]
    [InlineData(70, 1030, 17)]
    public void Multiply_EitherFormat_IsNearTheProductOfNumbers(int rows, int columns, int outputs)
    {
        Tensor weight = randn([outputs, columns], generator: Seeded(1)).to(ScalarType.BFloat16);
        Tensor input = randn([rows, columns], generator: Seeded(2)).to(ScalarType.BFloat16);
        Tensor bias = randn([outputs], generator: Seeded(3)).to(ScalarType.BFloat16);
        foreach (Quantization format in new[] { Quantization.Int8, Quantization.Int4 })
        {
            using LinearWeight rounded = LayerLoading.Round(weight, format, _compute);
            Tensor expected = nn.functional.linear(
                input.to(ScalarType.Float32), rounded.ToDense().to(ScalarType.Float32), bias.to(ScalarType.Float32));

            Tensor found = IntegerProduct.Multiply(_compute.Team!, input, rounded.ToIntegers()!.Value, bias);

            Assert.Equal((ScalarType.BFloat16, (long)rows, (long)outputs), (found.dtype, found.size(0), found.size(1)));
            float[] reference = TensorRows.ToSingle(expected), values = TensorRows.ToSingle(found);
            double error = Math.Sqrt(reference.Zip(values, (a, b) => ((double)a - b) * (a - b)).Sum() /
                reference.Sum(a => (double)a * a));
            Assert.InRange(error, 0, 0.02);
        }
    }

    /// <summary>The largest products there are, which narrower sums would cut off.</summary>
    [VnniTheory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Multiply_LargestIntegers_IsExact(int sign)
    {
        const int Rows = 16, Columns = 4096;
        Tensor weight = ones([Rows, Columns], ScalarType.BFloat16);
        Tensor input = weight.mul(sign);
        using LinearWeight rounded = LayerLoading.Round(weight, Quantization.Int8, _compute);

        Tensor found = IntegerProduct.Multiply(_compute.Team!, input, rounded.ToIntegers()!.Value, null);

        Assert.All(TensorRows.ToSingle(found), value => Assert.Equal(sign * Columns, value));
    }

    [VnniTheory]
    [InlineData(Quantization.Int8)]
    [InlineData(Quantization.Int4)]
    public void Multiply_RowsWithOutliers_IsNearTheProductOfNumbers(Quantization format)
    {
        const int Rows = 20, Columns = 2048, Outputs = 64;
        Tensor weight = randn([Outputs, Columns], generator: Seeded(1)).to(ScalarType.BFloat16);
        Tensor input = randn([Rows, Columns], generator: Seeded(2)).to(ScalarType.BFloat16);
        using (Tensor outliers = input.narrow(0, 3, 5).narrow(1, 100, 1))
        using (Tensor large = full([5, 1], 3000f, ScalarType.BFloat16))
        {
            outliers.copy_(large);
        }

        using LinearWeight rounded = LayerLoading.Round(weight, format, _compute);
        IntegerMatrix matrix = rounded.ToIntegers()!.Value;
        Tensor numbers = matrix.Integers.to(ScalarType.Float32).mul(matrix.Scales.unsqueeze(1));
        float[] expected = TensorRows.ToSingle(nn.functional.linear(input.to(ScalarType.Float32), numbers));

        float[] found = TensorRows.ToSingle(IntegerProduct.Multiply(_compute.Team!, input, matrix, null));

        // 15 bits of 3000 are steps of 0.1, which over 2048 products make 1.2; 8 bits would make 300. The result is a
        // bfloat16.
        Assert.All(expected.Zip(found), pair => Assert.InRange(
            pair.Second - pair.First, -6 - Math.Abs(pair.First / 200), 6 + Math.Abs(pair.First / 200)));
    }

    /// <summary>What a linear layer does with it: a row comes out the same whatever rows it is together with.</summary>
    [VnniTheory]
    [InlineData(Quantization.Int8)]
    [InlineData(Quantization.Int4)]
    public void Multiply_SomeOfTheRows_GivesTheSame(Quantization format)
    {
        Tensor weight = randn([48, 256], generator: Seeded(1)).to(ScalarType.BFloat16);
        Tensor input = randn([50, 256], generator: Seeded(2)).to(ScalarType.BFloat16);
        using LinearWeight rounded = LayerLoading.Round(weight, format, _compute);

        Tensor all = IntegerProduct.Multiply(_compute.Team!, input, rounded.ToIntegers()!.Value, null);
        Tensor some = IntegerProduct.Multiply(
            _compute.Team!, input.narrow(0, 7, 12).contiguous(), rounded.ToIntegers()!.Value, null);

        Assert.Equal(TensorRows.ToSingle(all.narrow(0, 7, 12)), TensorRows.ToSingle(some));
    }

    private static Generator Seeded(ulong seed) => new(seed);
}
