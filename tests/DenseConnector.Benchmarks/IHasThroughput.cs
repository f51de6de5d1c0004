namespace DenseConnector.Benchmarks;

/// <summary>Benchmarks whose runs all go through the same number of bytes.</summary>
public interface IHasThroughput
{
    /// <summary>Bytes that one run goes through, known from the parameters alone.</summary>
    public long Bytes { get; }
}
