using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Cli.Evaluation.Vqa;

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
        // Of several annotations with one picture and question the last counts.
        Dictionary<(string Image, string Question), JsonRecord> annotations = [];
        foreach (JsonRecord annotation in JsonData.Read(annotationFile).List("data"))
        {
            annotations[(annotation.Key("image_id"), PythonText.Lower(annotation.Text("question")))] = annotation;
        }

        return [.. JsonData.ReadLines(answerFile).Select(answer =>
        {
            string question = TextVqaPrompt.FindQuestion(answer.Text("prompt")) ?? throw new IOException(
                $"{answer.Where}: the prompt has no question in a known place; expected the question, the line of " +
                "OCR tokens if any, and the instruction, each on a line of its own.");
            JsonRecord annotation = annotations.GetValueOrDefault((answer.Key("question_id"), question)) ??
                throw new IOException(
                    $"{answer.Where}: {annotationFile} has no question '{question}' about the picture " +
                    $"{answer.Key("question_id")}. Take the annotations that belong to the questions.");
            return Score(question, annotation, VqaNormaliser.Normalise(answer.Text("text")));
        })];
    }

    /// <summary>The lines that the official script prints.</summary>
    /// <param name="name">The name of the answer file.</param>
    /// <param name="scores">The scores of its answers.</param>
    public static string Report(string name, IReadOnlyList<TextVqaScore> scores) =>
        $"{name}\nSamples: {scores.Count}\nAccuracy: {PythonNumber.Fixed(100 * Accuracy(scores), 2)}%\n\n";

    /// <summary>The mean of the scores.</summary>
    public static double Accuracy(IReadOnlyList<TextVqaScore> scores) =>
        scores.Sum(score => score.Score) / scores.Count;

    private static TextVqaScore Score(string question, JsonRecord annotation, string answer)
    {
        string[] given = [.. annotation.Texts("answers").Select(VqaNormaliser.Normalise)];
        try
        {
            return new TextVqaScore(question, annotation, answer, SoftAccuracy.Score(answer, given));
        }
        catch (ArgumentException e)
        {
            throw new IOException($"{annotation.Where}: {e.Message}", e);
        }
    }
}
