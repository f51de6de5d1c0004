namespace DenseConnector.Benchmarks.Kernels;

/// <summary>What a matrix is kept in.</summary>
public enum WeightFormat
{
    BFloat16,
    Int8,
    Int4,
}
