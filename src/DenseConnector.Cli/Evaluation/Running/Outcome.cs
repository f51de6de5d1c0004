namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>What became of an item.</summary>
/// <param name="Index">Its place among those of the run.</param>
/// <param name="Texts">The answer, a text for each question of the item; <c>null</c> if it failed.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record Outcome(int Index, IReadOnlyList<string>? Texts, string? Error = null)
{
    /// <summary>The log-probability of each choice; <c>null</c> unless the answer is the likeliest.</summary>
    public IReadOnlyDictionary<string, double>? Choices { get; init; }
}
