namespace DenseConnector;

/// <summary>A whole answer.</summary>
/// <param name="Text">The answer, without stop sequence and ending token.</param>
/// <param name="FinishReason">Why the answer ended.</param>
/// <param name="Usage">Token counts.</param>
public sealed record GenerationResult(string Text, FinishReason FinishReason, TokenUsage Usage)
{
    /// <summary>The ids of all generated tokens, the ending token included.</summary>
    public IReadOnlyList<int> TokenIds { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Text;
}
