namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>An item about which the judge was asked as often as its rule wants.</summary>
/// <param name="Item">The item.</param>
/// <param name="Replies">The replies, in the order of the tries.</param>
internal sealed record JudgedItem(string Item, IReadOnlyList<JudgeReply> Replies);
