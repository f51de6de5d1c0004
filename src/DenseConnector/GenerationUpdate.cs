namespace DenseConnector;

/// <summary>A piece of an answer as it is made.</summary>
/// <param name="Text">The next characters; the last update's text may be empty.</param>
/// <param name="FinishReason">Why the answer ended, on the last update only.</param>
/// <param name="Usage">Token counts, on the last update only.</param>
public sealed record GenerationUpdate(string Text, FinishReason? FinishReason = null, TokenUsage? Usage = null)
{
    /// <summary>
    /// The ids of the tokens this update comes from; several while a character or a stop sequence was incomplete.
    /// </summary>
    public IReadOnlyList<int> TokenIds { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Text;
}
