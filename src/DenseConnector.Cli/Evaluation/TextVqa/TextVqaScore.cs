using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation.TextVqa;

/// <summary>The score of one answer of TextVQA.</summary>
/// <param name="Question">The question found in the prompt.</param>
/// <param name="Annotation">The annotation it was joined with.</param>
/// <param name="Answer">The normalised answer.</param>
/// <param name="Score">Its soft accuracy.</param>
internal sealed record TextVqaScore(string Question, JsonRecord Annotation, string Answer, double Score);
