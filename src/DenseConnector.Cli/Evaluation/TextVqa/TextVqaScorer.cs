using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.TextVqa;

/// <summary>Scores an answer file of TextVQA against the annotations.</summary>
internal static class TextVqaScorer
{
    /// <summary>Scores each answer.</summary>
    /// <param name="annotationFile">The official annotations.</param>
    /// <param name="answerFile">The answers; their id is the picture's.</param>
    /// <exception cref="IOException">A file cannot be read, or an answer belongs to no annotation.</exception>
    public static IReadOnlyList<TextVqaScore> Score(string annotationFile, string answerFile)
    {
        TextVqaAnnotations annotations = new(annotationFile);
        return [.. JsonData.ReadLines(answerFile).Select(
            answer => annotations.Find(answer, answer.Text("prompt")).Score(answer.Text("text")))];
    }

    /// <summary>The lines that the official script prints.</summary>
    /// <param name="name">The name of the answer file.</param>
    /// <param name="scores">The scores of its answers.</param>
    public static string Report(string name, IReadOnlyList<TextVqaScore> scores) =>
        $"{name}\nSamples: {scores.Count}\nAccuracy: {PythonNumber.Fixed(100 * Accuracy(scores), 2)}%\n\n";

    /// <summary>The mean of the scores.</summary>
    public static double Accuracy(IReadOnlyList<TextVqaScore> scores) =>
        scores.Sum(score => score.Score) / scores.Count;
}
