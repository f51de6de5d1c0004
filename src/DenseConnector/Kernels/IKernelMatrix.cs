namespace DenseConnector.Kernels;

/// <summary>Weights in memory that a few inputs at once are multiplied with: what the formats have in common.</summary>
/// <remarks>
/// An output is the same number however many inputs are multiplied at once and however the rows are shared out among
/// threads.
/// </remarks>
internal unsafe interface IKernelMatrix
{
    /// <summary>Outputs.</summary>
    public long Rows { get; }

    /// <summary>Inputs.</summary>
    public long Columns { get; }

    /// <summary>The most inputs at once: up to here libtorch, which computes faster, takes longer to read.</summary>
    public int MaxInputs { get; }

    /// <summary>Rows are computed in groups of so many; a piece of work starts at a multiple of it.</summary>
    public int RowGrain { get; }

    /// <summary>Bytes that are read for a row.</summary>
    public long BytesPerRow { get; }

    /// <summary>Bytes that <see cref="Prepare"/> writes.</summary>
    public long PreparedBytes(int inputs);

    /// <summary>Brings one of inputs <c>[inputs, columns]</c> into the form the product reads all of them in.</summary>
    public void Prepare(RowBlock inputs, int input, byte* prepared);

    /// <summary>Computes some rows: <c>outputs[inputs, endRow - firstRow]</c>.</summary>
    public void Multiply(LaneWidth width, byte* prepared, int inputs, long firstRow, long endRow, float* outputs);
}
