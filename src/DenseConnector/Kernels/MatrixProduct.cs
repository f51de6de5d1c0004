namespace DenseConnector.Kernels;

/// <summary>Multiplies a matrix with a few inputs at the speed at which its weights can be read.</summary>
internal static unsafe class MatrixProduct
{
    /// <summary>The most inputs at once: up to here reading weights costs more than computing with them.</summary>
    public const int MaxInputs = 8;

    // A piece is long enough to make handing it out cheap and short enough to let no thread wait long at the end.
    private const long PieceBytes = 256 << 10;

    /// <summary><c>[inputs, columns]</c> → <c>[inputs, rows]</c>, plus the bias where there is one.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="matrix">The weights.</param>
    /// <param name="inputs">Up to <see cref="MaxInputs"/> inputs.</param>
    /// <param name="bias">The first of as many values as the matrix has rows, or <c>null</c>.</param>
    /// <param name="outputs">Where the results go.</param>
    public static void Run(
        WorkerTeam team, IKernelMatrix matrix, RowBlock inputs, RowBlock? bias, RowBlock outputs)
    {
        int count = inputs.Count;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxInputs);
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputs.Width, matrix.Columns);
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputs.Width, matrix.Rows);
        byte* prepared = team.Scratch.Take(matrix.PreparedBytes(count));
        matrix.Prepare(inputs, prepared);
        long grain = matrix.RowGrain;
        long rowsPerPiece = Math.Max(grain, PieceBytes / Math.Max(1, matrix.BytesPerRow) / grain * grain);
        int pieces = (int)((matrix.Rows + rowsPerPiece - 1) / rowsPerPiece);
        LaneWidth width = LaneWidths.Best;
        team.Run(pieces, Piece);

        void Piece(int piece)
        {
            long first = piece * rowsPerPiece;
            long end = Math.Min(matrix.Rows, first + rowsPerPiece);
            long rows = end - first;
            const int OnStack = 4096;
            long padded = (rows + grain - 1) / grain * grain;
            float[]? rented = count * padded > OnStack ? new float[count * padded] : null;
            float* stack = stackalloc float[rented is null ? OnStack : 0];
            fixed (float* large = rented)
            {
                float* sums = rented is null ? stack : large;
                matrix.Multiply(width, prepared, count, first, end, sums);
                for (int input = 0; input < count; input++)
                {
                    AddBias(bias, first, sums + (input * rows), rows);
                    outputs.Write(input, first, sums + (input * rows), rows);
                }
            }
        }
    }

    private static void AddBias(RowBlock? bias, long first, float* sums, long rows)
    {
        if (bias is RowBlock values)
        {
            for (long row = 0; row < rows; row++)
            {
                float value;
                values.Read(0, first + row, &value, 1);
                sums[row] += value;
            }
        }
    }
}
