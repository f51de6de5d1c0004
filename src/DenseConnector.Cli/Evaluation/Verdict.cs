namespace DenseConnector.Cli.Evaluation;

/// <summary>What one answer is worth on its own.</summary>
/// <param name="Score">From 0, wrong, to 1, right.</param>
/// <param name="Parsed">What was taken from the answer.</param>
/// <param name="Expected">What would have been right.</param>
internal sealed record Verdict(double Score, string Parsed, string Expected);
