using DenseConnector.Kernels;

namespace DenseConnector.Tests.Kernels;

/// <summary>Against the formulas in double precision; the lengths have parts, registers and a rest.</summary>
public sealed class RowOperationsTests : IDisposable
{
    private readonly KernelMemory _memory = new();
    private readonly WorkerTeam _team = new(2);

    public static TheoryData<int, int> Shapes => new() { { 1, 1 }, { 2, 7 }, { 3, 64 }, { 8, 1031 }, { 2, 4096 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RmsNorm_Float32_IsCloseToTheFormula(int rows, int width)
    {
        const float Epsilon = 1e-3f;
        float[] input = KernelMemory.Random(1, (long)rows * width), weight = KernelMemory.Random(2, width);
        RowBlock output = Block(new float[rows * width], rows);

        RowOperations.RmsNorm(_team, Block(input, rows), Block(weight, 1), Epsilon, output);

        float[] normed = KernelMemory.Read(output.Data, (long)rows * width);
        for (int row = 0; row < rows; row++)
        {
            double squares = input.Skip(row * width).Take(width).Sum(value => (double)value * value);
            double size = Math.Sqrt((squares / width) + Epsilon);
            for (int i = 0; i < width; i++)
            {
                Assert.Equal(input[(row * width) + i] / size * weight[i], normed[(row * width) + i], 1e-5);
            }
        }
    }

    [Fact]
    public void RmsNorm_BFloat16_RoundsBeforeItScales()
    {
        // 3 / sqrt(mean of 1, 4, 9, 16) = 1.0954452, in bfloat16 1.09375.
        RowBlock input = new(_memory.OfBFloat16([1, 2, 3, 4]), true, 1, 4);
        RowBlock weight = new(_memory.OfBFloat16([1, 1, 1.03125f, 1]), true, 1, 4);
        RowBlock output = new(_memory.Take(4 * sizeof(ushort)), true, 1, 4);

        RowOperations.RmsNorm(_team, input, weight, 0, output);

        // 1.03125 · 1.09375 becomes 1.125 in bfloat16, 1.03125 · 1.0954452 would become 1.1328125.
        Assert.Equal([0.365234375f, 0.73046875f, 1.125f, 1.4609375f], KernelMemory.ReadBFloat16(output.Data, 4));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void GateProduct_Rows_AreCloseToTheFormula(int rows, int width)
    {
        float[] gate = KernelMemory.Random(3, (long)rows * width), up = KernelMemory.Random(4, (long)rows * width);
        gate[0] = -90;
        RowBlock gates = Block([.. gate], rows);

        RowOperations.GateProduct(_team, gates, Block(up, rows));

        float[] products = KernelMemory.Read(gates.Data, gate.Length);
        for (int i = 0; i < gate.Length; i++)
        {
            Assert.Equal(gate[i] / (1 + Math.Exp(-gate[i])) * up[i], products[i], 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AddTo_Rows_AddsExactly(int rows, int width)
    {
        float[] left = KernelMemory.Random(5, (long)rows * width), right = KernelMemory.Random(6, (long)rows * width);
        RowBlock sum = Block([.. left], rows);

        RowOperations.AddTo(_team, sum, Block(right, rows));

        Assert.Equal(left.Zip(right, (a, b) => a + b), KernelMemory.Read(sum.Data, left.Length));
    }

    /// <summary>Turned by an angle, a head of two halves is (low cos - high sin, high cos + low sin).</summary>
    [Theory]
    [InlineData(8, 8)]
    [InlineData(36, 20)]
    [InlineData(128, 128)]
    public void Rotate_TwoTokens_TurnsEachByItsPosition(int headSize, int width)
    {
        const int Heads = 3, Positions = 5;
        int[] positions = [4, 1];
        float[] heads = KernelMemory.Random(7, 2L * Heads * headSize);
        float[] cosine = KernelMemory.Random(8, (long)Positions * width);
        float[] sine = KernelMemory.Random(9, (long)Positions * width);
        RowBlock rows = Block([.. heads], 2);

        RowOperations.Rotate(
            _team, rows, headSize, Block(cosine, Positions), Block(sine, Positions), width, positions);

        float[] turned = KernelMemory.Read(rows.Data, heads.Length);
        for (int i = 0; i < heads.Length; i++)
        {
            (int token, int channel) = (i / (Heads * headSize), i % headSize);
            int half = width / 2;
            double expected = heads[i];
            if (channel < width)
            {
                int angle = (positions[token] * width) + channel;
                double other = channel < half ? -heads[i + half] : heads[i - half];
                expected = (heads[i] * (double)cosine[angle]) + (other * sine[angle]);
            }

            Assert.Equal(expected, turned[i], 1e-6);
        }
    }

    public void Dispose()
    {
        _team.Dispose();
        _memory.Dispose();
    }

    private RowBlock Block(float[] values, int rows) => new(_memory.Of(values), false, rows, values.Length / rows);
}
