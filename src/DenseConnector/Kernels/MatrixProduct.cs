using System.Runtime.CompilerServices;

namespace DenseConnector.Kernels;

/// <summary>Multiplies matrices with a few inputs at the speed at which their weights can be read.</summary>
internal static unsafe class MatrixProduct
{
    // A piece is long enough to make handing it out cheap and short enough to let no thread wait long at the end.
    private const long PieceBytes = 256 << 10;

    /// <summary><c>[inputs, columns]</c> → <c>[inputs, rows]</c> with each matrix, plus its bias.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="inputs">Up to <see cref="IKernelMatrix.MaxInputs"/> inputs.</param>
    /// <param name="targets">Matrices of one format and one number of columns.</param>
    public static void Run(WorkerTeam team, RowBlock inputs, params ReadOnlySpan<ProductTarget> targets)
    {
        IKernelMatrix form = targets[0].Matrix;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs.Count, form.MaxInputs);
        Share[] shares = new Share[targets.Length];
        int pieces = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            IKernelMatrix matrix = targets[i].Matrix;
            ArgumentOutOfRangeException.ThrowIfNotEqual(matrix.GetType(), form.GetType());
            ArgumentOutOfRangeException.ThrowIfNotEqual(inputs.Width, matrix.Columns);
            ArgumentOutOfRangeException.ThrowIfNotEqual(targets[i].Outputs.Width, matrix.Rows);
            long rows = Math.Max(1, PieceBytes / Math.Max(1, matrix.BytesPerRow) / matrix.RowGrain) * matrix.RowGrain;
            shares[i] = new Share(targets[i], pieces, rows);
            pieces += (int)((matrix.Rows + rows - 1) / rows);
        }

        byte* prepared = team.Scratch.Take(form.PreparedBytes(inputs.Count));
        team.Run(inputs.Count, input => form.Prepare(inputs, input, prepared));
        LaneWidth width = LaneWidths.Best;
        team.Run(pieces, piece =>
        {
            Share share = shares[0];
            for (int i = 1; i < shares.Length && shares[i].FirstPiece <= piece; i++)
            {
                share = shares[i];
            }

            Multiply(width, share, piece - share.FirstPiece, prepared, inputs.Count);
        });
    }

    [SkipLocalsInit]
    private static void Multiply(LaneWidth width, Share share, int piece, byte* prepared, int count)
    {
        (IKernelMatrix matrix, RowBlock? bias, RowBlock outputs) = share.Target;
        long first = piece * share.RowsPerPiece;
        long end = Math.Min(matrix.Rows, first + share.RowsPerPiece);
        long rows = end - first;
        const int OnStack = 2048;
        long padded = (rows + matrix.RowGrain - 1) / matrix.RowGrain * matrix.RowGrain;
        float[]? rented = count * padded > OnStack ? new float[count * padded] : null;
        float* stack = stackalloc float[OnStack];
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

    /// <summary>The pieces of one matrix among those of all.</summary>
    private readonly record struct Share(ProductTarget Target, int FirstPiece, long RowsPerPiece);
}
