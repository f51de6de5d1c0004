using DenseConnector.Kernels;

namespace DenseConnector.Tests.Kernels;

public sealed unsafe class MatrixProductTests : IDisposable
{
    private readonly KernelMemory _memory = new();
    private readonly WorkerTeam _team = new(2);

    public static TheoryData<string, int, int> Shapes
    {
        get
        {
            TheoryData<string, int, int> shapes = [];
            foreach (string format in new[] { "float32", "bfloat16", "int8", "int4" })
            {
                foreach ((int rows, int columns) in
                    new[] { (1, 1), (2, 3), (15, 31), (17, 33), (16, 32), (33, 88), (64, 257), (3, 1000) })
                {
                    shapes.Add(format, rows, columns);
                }
            }

            return shapes;
        }
    }

    /// <summary>
    /// Against sums in double precision over the very weights the format holds. Float32 sums of a thousand products
    /// differ by some 1e-6 of the products' size; int4 rounds inputs to 8 bits, half a step of 1/127 of the largest.
    /// </summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Multiply_EveryWidth_IsCloseToTheExactSum(string format, int rows, int columns)
    {
        (IKernelMatrix matrix, float[] weights) = Matrix(format, rows, columns);
        float[] inputs = RandomInputs(format, 2, 8L * columns);
        double tolerance = format == "int4" ? 8.0 / 254 : 1e-6;

        foreach (LaneWidth width in LaneWidths.Supported)
        {
            float[] outputs = Multiply(matrix, width, inputs, 8);
            for (int input = 0; input < 8; input++)
            {
                for (int row = 0; row < rows; row++)
                {
                    double sum = 0, size = 0;
                    for (int column = 0; column < columns; column++)
                    {
                        double weight = weights[(row * columns) + column];
                        double value = inputs[(input * columns) + column];
                        sum += weight * value;
                        size += Math.Abs(format == "int4" ? weight : weight * value);
                    }

                    double bound = (tolerance * size) + 1e-12;
                    Assert.InRange(outputs[(input * rows) + row] - sum, -bound, bound);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Multiply_AnyNumberOfInputs_GivesTheSameBits(string format, int rows, int columns)
    {
        (IKernelMatrix matrix, _) = Matrix(format, rows, columns);
        float[] inputs = RandomInputs(format, 3, 8L * columns);

        foreach (LaneWidth width in LaneWidths.Supported)
        {
            float[] all = Multiply(matrix, width, inputs, 8);
            for (int count = 1; count < 8; count++)
            {
                float[] some = Multiply(matrix, width, inputs[..(count * columns)], count);
                Assert.Equal(all[..(count * rows)], some);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_PiecesOnTwoThreads_GivesTheSameBitsAndAddsTheBias(string format, int rows, int columns)
    {
        (IKernelMatrix matrix, _) = Matrix(format, rows, columns);
        float[] inputs = RandomInputs(format, 4, 3L * columns);
        float[] bias = KernelMemory.Random(5, rows);
        nint output = _memory.Take(3L * rows * sizeof(float));

        MatrixProduct.Run(
            _team,
            Inputs(matrix, inputs, 3),
            new ProductTarget(
                matrix, new RowBlock(_memory.Of(bias), false, 1, rows), new RowBlock(output, false, 3, rows)));

        float[] expected = Multiply(matrix, LaneWidths.Best, inputs, 3);
        Assert.Equal(
            expected.Select((sum, index) => sum + bias[index % rows]), KernelMemory.Read(output, 3L * rows));
    }

    [Fact]
    public void Run_LargeMatrixInBFloat16_RoundsInputsAndOutputsAsStored()
    {
        const int Rows = 1501, Columns = 4096;
        (IKernelMatrix matrix, _) = Matrix("bfloat16", Rows, Columns);
        float[] inputs = KernelMemory.Random(6, 2L * Columns);
        nint stored = _memory.OfBFloat16(inputs);
        nint output = _memory.Take(2L * Rows * sizeof(ushort));

        MatrixProduct.Run(
            _team,
            new RowBlock(stored, true, 2, Columns),
            new ProductTarget(matrix, null, new RowBlock(output, true, 2, Rows)));

        float[] rounded = KernelMemory.ReadBFloat16(stored, inputs.Length);
        Assert.Equal(
            Multiply(matrix, LaneWidths.Best, rounded, 2).Select(sum => BFloat16.ToSingle(BFloat16.FromSingle(sum))),
            KernelMemory.ReadBFloat16(output, 2L * Rows));
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("bfloat16")]
    public void Multiply_DenormalsAndHugeValues_AreKept(string format)
    {
        float[] weights = [1e-40f, 3e38f, -1e-40f, 1f];
        nint stored = format == "float32" ? _memory.Of(weights) : _memory.OfBFloat16(weights);
        float[] held = format == "float32" ? weights : KernelMemory.ReadBFloat16(stored, 4);
        IKernelMatrix matrix =
            format == "float32" ? new Float32Matrix(stored, 4, 1) : new BFloat16Matrix(stored, 4, 1);

        foreach (LaneWidth width in LaneWidths.Supported)
        {
            Assert.Equal([held[0], held[1], held[2], held[3]], Multiply(matrix, width, [1], 1));
            Assert.Equal(float.PositiveInfinity, Multiply(matrix, width, [10], 1)[1]);
            Assert.All(Multiply(matrix, width, [float.NaN], 1), value => Assert.True(float.IsNaN(value)));
        }
    }

    [Fact]
    public void Run_Float32InputsForBFloat16Weights_AreRefused()
    {
        (IKernelMatrix matrix, _) = Matrix("bfloat16", 2, 3);
        RowBlock inputs = new(_memory.Take(64), false, 1, 3);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => MatrixProduct.Run(
                _team, inputs, new ProductTarget(matrix, null, new RowBlock(_memory.Take(64), false, 1, 2))));
        Assert.Equal("inputs", error.ParamName);
    }

    [Fact]
    public void Run_InputsOfAnotherWidth_AreRefused()
    {
        (IKernelMatrix matrix, _) = Matrix("float32", 2, 3);
        RowBlock wrong = new(_memory.Take(64), false, 1, 4);

        Assert.Throws<ArgumentOutOfRangeException>(
            () => MatrixProduct.Run(
                _team, wrong, new ProductTarget(matrix, null, new RowBlock(_memory.Take(64), false, 1, 2))));
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("bfloat16")]
    [InlineData("int8")]
    [InlineData("int4")]
    public void Run_SeveralMatrices_GivesWhatEachGivesAlone(string format)
    {
        const int Columns = 96;
        int[] heights = [48, 4000, 1, 333];
        RowBlock inputs = Inputs(
            Matrix(format, 1, Columns).Matrix, RandomInputs(format, 7, 2L * Columns), 2);
        ProductTarget[] alone = Targets(), together = Targets();

        Array.ForEach(alone, target => MatrixProduct.Run(_team, inputs, target));
        MatrixProduct.Run(_team, inputs, together);

        for (int i = 0; i < heights.Length; i++)
        {
            Assert.Equal(
                KernelMemory.Read(alone[i].Outputs.Data, 2L * heights[i]),
                KernelMemory.Read(together[i].Outputs.Data, 2L * heights[i]));
        }

        ProductTarget[] Targets() => Array.ConvertAll(heights, rows => new ProductTarget(
            Matrix(format, rows, Columns).Matrix,
            null,
            new RowBlock(_memory.Take(2L * rows * sizeof(float)), false, 2, rows)));
    }

    public void Dispose()
    {
        _team.Dispose();
        _memory.Dispose();
    }

    private float[] Multiply(IKernelMatrix matrix, LaneWidth width, float[] inputs, int count)
    {
        nint prepared = _memory.Take(matrix.PreparedBytes(count));
        nint outputs = _memory.Take(count * (matrix.Rows + Int4Matrix.Block) * sizeof(float));
        for (int input = 0; input < count; input++)
        {
            matrix.Prepare(Inputs(matrix, inputs, count), input, (byte*)prepared);
        }

        matrix.Multiply(width, (byte*)prepared, count, 0, matrix.Rows, (float*)outputs);
        return KernelMemory.Read(outputs, count * matrix.Rows);
    }

    /// <summary>Random inputs that the format can be given without rounding.</summary>
    private float[] RandomInputs(string format, int seed, long count)
    {
        float[] inputs = KernelMemory.Random(seed, count);
        return format == "bfloat16" ? KernelMemory.ReadBFloat16(_memory.OfBFloat16(inputs), inputs.Length) : inputs;
    }

    private RowBlock Inputs(IKernelMatrix matrix, float[] inputs, int count) => matrix is BFloat16Matrix
        ? new RowBlock(_memory.OfBFloat16(inputs), true, count, matrix.Columns)
        : new RowBlock(_memory.Of(inputs), false, count, matrix.Columns);

    /// <summary>A random matrix, and the weights that its format holds.</summary>
    private (IKernelMatrix Matrix, float[] Weights) Matrix(string format, int rows, int columns)
    {
        float[] weights = KernelMemory.Random(1, (long)rows * columns);
        switch (format)
        {
            case "float32":
                return (new Float32Matrix(_memory.Of(weights), rows, columns), weights);
            case "bfloat16":
                nint stored = _memory.OfBFloat16(weights);
                return (
                    new BFloat16Matrix(stored, rows, columns), KernelMemory.ReadBFloat16(stored, weights.Length));
        }

        float[] held = new float[weights.Length];
        nint room = _memory.Of(held);
        RowBlock target = new(room, false, rows, columns);
        if (format == "int8")
        {
            Int8Matrix int8 = QuantizedMatrices.Int8(_memory, weights, rows, columns);
            int8.Dequantize(LaneWidths.Best, 0, rows, target);
            return (int8, KernelMemory.Read(room, held.Length));
        }

        Int4Matrix int4 = QuantizedMatrices.Int4(_memory, weights, rows, columns);
        for (int block = 0; block < Int4Matrix.Blocks(rows); block++)
        {
            int4.Dequantize(LaneWidths.Best, block, target);
        }

        return (int4, KernelMemory.Read(room, held.Length));
    }
}
