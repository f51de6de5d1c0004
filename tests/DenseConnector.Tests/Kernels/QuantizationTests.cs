using DenseConnector.Kernels;

namespace DenseConnector.Tests.Kernels;

public sealed unsafe class QuantizationTests : IDisposable
{
    private readonly KernelMemory _memory = new();

    [Fact]
    public void Int8_EveryWeight_IsWithinHalfAStepOfItsRow()
    {
        const int Rows = 5, Columns = 99;
        float[] weights = KernelMemory.Random(1, Rows * Columns);
        nint room = _memory.Take(Rows * Columns * sizeof(float));

        QuantizedMatrices.Int8(_memory, weights, Rows, Columns)
            .Dequantize(LaneWidths.Best, 0, Rows, new(room, false, Rows, Columns));

        float[] held = KernelMemory.Read(room, Rows * Columns);
        for (int row = 0; row < Rows; row++)
        {
            float step = weights.Skip(row * Columns).Take(Columns).Max(Math.Abs) / 127;
            for (int i = row * Columns; i < (row + 1) * Columns; i++)
            {
                Assert.InRange(held[i] - weights[i], -0.501f * step, 0.501f * step);
            }
        }
    }

    /// <summary>
    /// Sixteen levels for normally distributed weights in groups of 32: about 8 % of their size, and never worse than
    /// the rule that puts the weight furthest from zero at the end of the range.
    /// </summary>
    [Fact]
    public void Int4_NormalWeights_LoseLessThanThePlainRule()
    {
        const int Rows = 16, Columns = 2048;
        Random random = new(1);
        float[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(_ => 0.02f * Normal(random))];
        nint room = _memory.Take(Rows * Columns * sizeof(float));

        QuantizedMatrices.Int4(_memory, weights, Rows, Columns)
            .Dequantize(LaneWidths.Best, 0, new(room, false, Rows, Columns));

        float[] held = KernelMemory.Read(room, Rows * Columns);
        float[] plain = PlainRule(weights);
        double size = weights.Sum(weight => (double)weight * weight);
        double error = Math.Sqrt(SquaredError(weights, held) / size);
        double plainError = Math.Sqrt(SquaredError(weights, plain) / size);
        Assert.InRange(error, 0.04, 0.09);
        Assert.True(error < 0.95 * plainError, $"{error} against {plainError}");
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    [InlineData(-3f)]
    [InlineData(1e-42f)]
    [InlineData(3e38f)]
    public void Int4_EqualWeights_StayFinite(float weight)
    {
        const int Columns = 64;
        float[] weights = [.. Enumerable.Repeat(weight, Columns)];
        nint room = _memory.Take(Columns * sizeof(float));

        QuantizedMatrices.Int4(_memory, weights, 1, Columns)
            .Dequantize(LaneWidths.Best, 0, new(room, false, 1, Columns));

        // A scale is a bfloat16: eight bits.
        Assert.All(
            KernelMemory.Read(room, Columns),
            held => Assert.InRange(held - weight, -Math.Abs(weight) / 128 - 1e-39f, Math.Abs(weight) / 128 + 1e-39f));
    }

    [Fact]
    public void Int4_TheDocumentedPlaces_HoldTheColumns()
    {
        const int Rows = 16, Columns = 32;
        float[] weights = new float[Rows * Columns];

        // Row 3 counts 0 to 15 from column 8 on; -8 and the scale 1 are given by its first column.
        weights[3 * Columns] = -8;
        for (int i = 0; i < 16; i++)
        {
            weights[(3 * Columns) + 8 + i] = i - 8;
        }

        Int4Matrix matrix = QuantizedMatrices.Int4(_memory, weights, Rows, Columns);

        byte* bytes = (byte*)matrix.Weights + 64 + (3 * 4);
        Assert.Equal([0x40, 0x51, 0x62, 0x73], new Span<byte>(bytes, 4).ToArray());
        Assert.Equal(1f, BFloat16.ToSingle(((ushort*)matrix.Scales)[3]));
    }

    /// <summary>Every way back to bfloat16 gives the float32 numbers, rounded.</summary>
    [Theory]
    [InlineData(16, 32)]
    [InlineData(48, 4096)]
    [InlineData(7, 96)]
    [InlineData(33, 100)]
    [InlineData(1, 31)]
    public void Dequantize_ToBFloat16_RoundsTheNumbers(int rows, int columns)
    {
        float[] weights = KernelMemory.Random(3, (long)rows * columns);
        weights[0] = 1e30f;
        Int4Matrix int4 = QuantizedMatrices.Int4(_memory, weights, rows, columns);
        Int8Matrix int8 = QuantizedMatrices.Int8(_memory, weights, rows, columns);
        int blocks = (int)Int4Matrix.Blocks(rows);

        float[] expected4 = ToSingle(target => Enumerable.Range(0, blocks).ToList().ForEach(
            block => int4.Dequantize(LaneWidth.One, block, target)));
        float[] expected8 = ToSingle(target => int8.Dequantize(LaneWidth.One, 0, rows, target));

        foreach (LaneWidth width in LaneWidths.Supported)
        {
            Assert.Equal(expected4, ToBFloat16(target => Enumerable.Range(0, blocks).ToList().ForEach(
                block => int4.Dequantize(width, block, target))));
            Assert.Equal(expected8, ToBFloat16(target => int8.Dequantize(width, 0, rows, target)));
        }

        float[] ToSingle(Action<RowBlock> dequantize)
        {
            nint room = _memory.Take((long)rows * columns * sizeof(float));
            dequantize(new RowBlock(room, false, rows, columns));
            return [.. KernelMemory.Read(room, (long)rows * columns).Select(
                number => BFloat16.ToSingle(BFloat16.FromSingle(number)))];
        }

        float[] ToBFloat16(Action<RowBlock> dequantize)
        {
            nint room = _memory.Take((long)rows * columns * sizeof(ushort));
            dequantize(new RowBlock(room, true, rows, columns));
            return KernelMemory.ReadBFloat16(room, (long)rows * columns);
        }
    }

    /// <summary>A scale for each row in place of one for each group: off by half of a row's step.</summary>
    [Theory]
    [InlineData(16, 32)]
    [InlineData(48, 4096)]
    [InlineData(7, 96)]
    [InlineData(33, 100)]
    [InlineData(1, 31)]
    public void ToIntegers_EveryWidth_RoundsTheNumbersToTheStepsOfTheirRow(int rows, int columns)
    {
        float[] weights = KernelMemory.Random(3, (long)rows * columns);
        Array.Clear(weights, 0, columns);
        Int4Matrix matrix = QuantizedMatrices.Int4(_memory, weights, rows, columns);
        nint room = _memory.Take((long)rows * columns * sizeof(float));
        for (int block = 0; block < Int4Matrix.Blocks(rows); block++)
        {
            matrix.Dequantize(LaneWidth.One, block, new RowBlock(room, false, rows, columns));
        }

        float[] numbers = KernelMemory.Read(room, (long)rows * columns);
        sbyte* integers = (sbyte*)_memory.Take((long)rows * columns);
        float* scales = (float*)_memory.Take(rows * sizeof(float));
        foreach (LaneWidth width in LaneWidths.Supported)
        {
            for (int block = 0; block < Int4Matrix.Blocks(rows); block++)
            {
                matrix.ToIntegers(width, block, integers, scales);
            }

            for (int i = 0; i < rows * columns; i++)
            {
                float scale = scales[i / columns];
                Assert.InRange((integers[i] * scale) - numbers[i], -0.501f * scale, 0.501f * scale);
                Assert.True(scale > 0 || i < columns);
            }
        }
    }

    public void Dispose() => _memory.Dispose();

    private static double SquaredError(float[] left, float[] right) =>
        left.Zip(right, (a, b) => ((double)a - b) * (a - b)).Sum();

    private static float[] PlainRule(float[] weights)
    {
        float[] held = new float[weights.Length];
        for (int start = 0; start < weights.Length; start += Int4Matrix.Group)
        {
            float scale = weights.AsSpan(start, Int4Matrix.Group).ToArray().MaxBy(Math.Abs) / -8;
            for (int i = start; i < start + Int4Matrix.Group; i++)
            {
                held[i] = scale * Math.Clamp(MathF.Round(weights[i] / scale), -8, 7);
            }
        }

        return held;
    }

    private static float Normal(Random random) =>
        MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
}
