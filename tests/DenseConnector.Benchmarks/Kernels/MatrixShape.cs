namespace DenseConnector.Benchmarks.Kernels;

/// <summary>A matrix of a language model with 7 billion weights.</summary>
public sealed record MatrixShape(long Rows, long Columns)
{
    public static IReadOnlyList<MatrixShape> All { get; } = [new(4096, 4096), new(11008, 4096), new(4096, 11008)];

    public override string ToString() => FormattableString.Invariant($"{Rows}x{Columns}");
}
