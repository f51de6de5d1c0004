namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>A group of rows.</summary>
/// <param name="First">The number of its first row in the file.</param>
/// <param name="Count">The number of rows.</param>
/// <param name="Chunks">Where its columns lie.</param>
internal sealed record ParquetGroup(int First, int Count, IReadOnlyList<ParquetChunk> Chunks);
