namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>A row of a tab-separated file.</summary>
/// <param name="Where">The file and the line on which the row begins.</param>
/// <param name="Fields">Its fields.</param>
internal sealed record MmBenchRow(string Where, IReadOnlyList<string> Fields);
