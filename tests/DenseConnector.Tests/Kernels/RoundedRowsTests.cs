using DenseConnector.Kernels;

namespace DenseConnector.Tests.Kernels;

public sealed unsafe class RoundedRowsTests : IDisposable
{
    private readonly KernelMemory _memory = new();
    private readonly WorkerTeam _team = new(2);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 31)]
    [InlineData(2, 33)]
    [InlineData(5, 1024)]
    [InlineData(2, 1057)]
    [InlineData(4, 4096)]
    public void Round_NormalRows_AreOffByLessThanAHundredthOfTheirSize(int count, int width)
    {
        float[] values = Normal(count * width);

        (float[] held, int rows) = RoundTrip(values, count, width, isBFloat16: false);

        Assert.Equal(count, rows);
        Assert.InRange(RelativeError(values, held), width == 1 ? 0 : 1e-3, 0.0105);
    }

    /// <summary>One number of a row at so many times the size of the others.</summary>
    [Theory]
    [InlineData(10f, 1, 0.03)]
    [InlineData(100f, 2, 0.0005)]
    [InlineData(10_000f, 2, 0.0006)]
    public void Round_RowWithAnOutlier_IsRoundedTwiceIfItsStepsAreTooCoarse(float outlier, int rounds, double bound)
    {
        const int Width = 4096;
        float[] values = Normal(3 * Width);
        values[Width + 77] = -outlier;

        (float[] held, int rows) = RoundTrip(values, 3, Width, isBFloat16: false);

        Assert.Equal(3 + rounds - 1, rows);
        Assert.InRange(RelativeError(values[Width..(2 * Width)], held[Width..(2 * Width)]), 1e-7, bound);
    }

    [Fact]
    public void Round_EachRow_ComesOutAsItDoesAlone()
    {
        const int Count = 9, Width = 320;
        float[] values = Normal(Count * Width);
        values[(4 * Width) + 5] = 500;
        values[(7 * Width) + 9] = -500;

        (float[] together, int rows) = RoundTrip(values, Count, Width, isBFloat16: true);

        Assert.Equal(Count + 2, rows);
        for (int row = 0; row < Count; row++)
        {
            (float[] alone, _) = RoundTrip(
                values[(row * Width)..((row + 1) * Width)], 1, Width, isBFloat16: true);
            Assert.Equal(alone, together[(row * Width)..((row + 1) * Width)]);
        }
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(3e38f, 3e36f)]
    [InlineData(1e-30f, 1e-32f)]
    [InlineData(1e-44f, 1e-44f)]
    public void Round_ExtremeNumbers_StayWhatTheyAre(float value, float tolerance)
    {
        const int Width = 40;
        float[] values = new float[Width];
        Array.Fill(values, value, 0, 20);
        Array.Fill(values, -value, 20, 20);

        (float[] held, int rows) = RoundTrip(values, 1, Width, isBFloat16: false);

        Assert.Equal(1, rows);
        Assert.All(held.Zip(values), pair => Assert.InRange(
            pair.First, pair.Second - tolerance, pair.Second + tolerance));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Round_RowThatIsNoNumber_StaysNone(float value)
    {
        float[] values = Normal(2 * 64);
        values[5] = value;

        (float[] held, int rows) = RoundTrip(values, 2, 64, isBFloat16: false);

        Assert.Equal(2, rows);
        Assert.All(held[..64], number => Assert.False(float.IsFinite(number)));
        Assert.All(held[64..], number => Assert.True(float.IsFinite(number)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scale_ProductsOfEachRounding_AreSummedWithTheBias(bool isBFloat16)
    {
        const int Count = 3, Width = 512, Outputs = 1035;
        float[] values = Normal(Count * Width);
        values[Width + 6] = 200;
        nint integers = _memory.Take(2 * Count * Width);
        RoundedRows rounded = new(Count, Width);
        int rows = rounded.Round(
            _team, new RowBlock(_memory.Of(values), false, Count, Width), (sbyte*)integers);
        int* products = (int*)_memory.Take(rows * Outputs * sizeof(int));
        for (int i = 0; i < rows * Outputs; i++)
        {
            products[i] = (i * 7919 % 100_003) - 50_000;
        }

        float[] scales = [.. Enumerable.Range(1, Outputs).Select(i => i / 1000f)];
        float[] bias = [.. Enumerable.Range(1, Outputs).Select(i => i / 3f)];
        nint output = _memory.Take(Count * Outputs * sizeof(float));

        rounded.Scale(
            _team,
            products,
            (float*)_memory.Of(scales),
            new RowBlock(_memory.Of(bias), false, 1, Outputs),
            new RowBlock(output, isBFloat16, Count, Outputs));

        float[] found = isBFloat16
            ? KernelMemory.ReadBFloat16(output, Count * Outputs)
            : KernelMemory.Read(output, Count * Outputs);
        Assert.Equal(Count + 1, rows);
        for (int row = 0; row < Count; row++)
        {
            double step = values[(row * Width)..((row + 1) * Width)].Max(Math.Abs) / 127;
            for (int i = 0; i < Outputs; i++)
            {
                double sum = products[(row * Outputs) + i];
                sum += row == 1 ? products[(Count * Outputs) + i] / 254.0 : 0;
                double expected = (sum * step * scales[i]) + bias[i];
                double tolerance = (isBFloat16 ? 4e-3 : 1e-6) * (Math.Abs(sum * step * scales[i]) + bias[i]);
                Assert.InRange(found[(row * Outputs) + i], expected - tolerance, expected + tolerance);
            }
        }
    }

    public void Dispose()
    {
        _team.Dispose();
        _memory.Dispose();
    }

    /// <summary>Rounds rows and multiplies them by one, a column at a time.</summary>
    private (float[] Held, int Rows) RoundTrip(float[] values, int count, int width, bool isBFloat16)
    {
        sbyte* integers = (sbyte*)_memory.Take(2L * count * width);
        RoundedRows rounded = new(count, width);
        nint input = isBFloat16 ? _memory.OfBFloat16(values) : _memory.Of(values);
        int rows = rounded.Round(_team, new RowBlock(input, isBFloat16, count, width), integers);
        int* products = (int*)_memory.Take((long)rows * width * sizeof(int));
        for (int i = 0; i < rows * width; i++)
        {
            products[i] = integers[i];
        }

        nint output = _memory.Take((long)count * width * sizeof(float));
        float* ones = (float*)_memory.Of([.. Enumerable.Repeat(1f, width)]);
        rounded.Scale(_team, products, ones, null, new RowBlock(output, false, count, width));
        return (KernelMemory.Read(output, (long)count * width), rows);
    }

    private static double RelativeError(float[] values, float[] held) => Math.Sqrt(
        values.Zip(held, (a, b) => ((double)a - b) * (a - b)).Sum() / values.Sum(value => (double)value * value));

    private static float[] Normal(int count)
    {
        Random random = new(5);
        return [.. Enumerable.Range(0, count).Select(_ =>
            MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle()))];
    }
}
