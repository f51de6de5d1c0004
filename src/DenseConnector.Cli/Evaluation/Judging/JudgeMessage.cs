namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>A message to a judge.</summary>
/// <param name="Role">Who says it: system or user.</param>
/// <param name="Content">The text.</param>
internal sealed record JudgeMessage(string Role, string Content)
{
    /// <summary>A message that tells the judge what it is.</summary>
    public static JudgeMessage System(string content) => new("system", content);

    /// <summary>A message that asks.</summary>
    public static JudgeMessage User(string content) => new("user", content);
}
