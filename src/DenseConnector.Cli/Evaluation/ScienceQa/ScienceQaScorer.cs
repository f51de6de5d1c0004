using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.ScienceQa;

/// <summary>Scores an answer file of ScienceQA against the problems of a split.</summary>
internal static class ScienceQaScorer
{
    private const int Indent = 2;

    /// <summary>Scores each problem; one without an answer counts as wrong and as one without a picture.</summary>
    /// <param name="problemFile">All problems: <c>problems.json</c>.</param>
    /// <param name="splitFile">Which problems each split has: <c>pid_splits.json</c>.</param>
    /// <param name="split">The split.</param>
    /// <param name="answerFile">The answers.</param>
    /// <exception cref="IOException">A file cannot be read or lacks something.</exception>
    public static IReadOnlyList<ScienceQaScore> Score(
        string problemFile, string splitFile, string split, string answerFile)
    {
        JsonRecord problems = JsonData.Read(problemFile);
        Dictionary<string, JsonRecord> answers = [];
        foreach (JsonRecord answer in JsonData.ReadLines(answerFile))
        {
            answers[answer.Key("question_id")] = answer;
        }

        return [.. JsonData.Read(splitFile).Texts(split).Distinct().Select(id => Score(
            id, problems.Object(id), answers.GetValueOrDefault(PythonJson.Write(JsonValue.Create(id)))))];
    }

    /// <summary>The line that the official script prints.</summary>
    public static string Report(IReadOnlyList<ScienceQaScore> scores)
    {
        ScienceQaScore[] withImage = [.. scores.Where(score => score.HasImage)];
        return $"Total: {scores.Count}, Correct: {scores.Count(score => score.IsCorrect)}, " +
            $"Accuracy: {PythonNumber.Fixed(Accuracy(scores), 2)}%, " +
            $"IMG-Accuracy: {PythonNumber.Fixed(Accuracy(withImage), 2)}%\n";
    }

    /// <summary>The file of right and wrong answers.</summary>
    public static string WriteAnswers(IReadOnlyList<ScienceQaScore> scores) => PythonJson.Write(
        new JsonObject { ["correct"] = Analyses(scores, true), ["incorrect"] = Analyses(scores, false) }, Indent);

    /// <summary>The file of the accuracy and the choices.</summary>
    public static string WriteResults(IReadOnlyList<ScienceQaScore> scores) => PythonJson.Write(
        new JsonObject
        {
            ["acc"] = Accuracy(scores),
            ["correct"] = scores.Count(score => score.IsCorrect),
            ["count"] = scores.Count,
            ["results"] = ById(scores, score => score.Index),
            ["outputs"] = ById(scores, score => score.Answer),
        },
        Indent);

    private static JsonObject ById(IEnumerable<ScienceQaScore> scores, Func<ScienceQaScore, JsonNode> value) =>
        new(scores.Select(score => KeyValuePair.Create(score.Id, (JsonNode?)value(score))));

    private static double Accuracy(IReadOnlyList<ScienceQaScore> scores) =>
        (double)scores.Count(score => score.IsCorrect) / scores.Count * 100;

    private static ScienceQaScore Score(string id, JsonRecord problem, JsonRecord? answer)
    {
        string text = answer?.Text("text") ?? ScienceQaLetter.Failed;
        string letter = ScienceQaLetter.Find(text);
        int truth = problem.Number("answer");
        return truth >= 0 && truth < ScienceQaLetter.All.Length
            ? new ScienceQaScore(
                id,
                letter,
                ScienceQaLetter.IndexOf(letter, problem.Texts("choices").Count),
                truth,
                answer?.Text("prompt") ?? "Unknown",
                text)
            : throw new IOException(
                $"{problem.Where}: 'answer' is {truth}, expected 0 to {ScienceQaLetter.All.Length - 1}.");
    }

    private static JsonArray Analyses(IEnumerable<ScienceQaScore> scores, bool correct) =>
        [.. scores.Where(score => score.IsCorrect == correct).Select(score => new JsonObject
        {
            ["question_id"] = score.Id,
            ["parsed_ans"] = score.Letter,
            ["ground_truth"] = ScienceQaLetter.All.Substring(score.Truth, 1),
            ["question"] = score.Prompt,
            ["pred"] = score.Answer,
            ["is_multimodal"] = score.HasImage,
        })];
}
