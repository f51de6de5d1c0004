using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Vqa;

namespace DenseConnector.Cli.Evaluation.TextVqa;

/// <summary>What people answered to a question of TextVQA.</summary>
/// <param name="Question">The question found in the prompt.</param>
/// <param name="Annotation">The annotation it was joined with.</param>
/// <param name="Given">The normalised answers of ten people.</param>
internal sealed record TextVqaAnnotation(string Question, JsonRecord Annotation, IReadOnlyList<string> Given)
{
    /// <summary>Scores a model's answer.</summary>
    public TextVqaScore Score(string text)
    {
        string answer = VqaNormaliser.Normalise(text);
        return new TextVqaScore(Question, Annotation, answer, SoftAccuracy.Score(answer, Given));
    }
}
