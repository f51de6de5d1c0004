namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>What a judge replied.</summary>
/// <param name="Text">The reply as it came.</param>
/// <param name="Model">The model that says it gave it.</param>
internal sealed record JudgeReply(string Text, string Model);
