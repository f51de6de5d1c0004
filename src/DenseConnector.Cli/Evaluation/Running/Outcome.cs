namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>What became of a question.</summary>
/// <param name="Index">Its place among those of the run.</param>
/// <param name="Text">The answer; <c>null</c> if it failed.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record Outcome(int Index, string? Text, string? Error = null);
