using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Vqa;

/// <summary>Makes the files that the servers of VQAv2 and VizWiz take from an answer file.</summary>
/// <param name="File">The file to upload.</param>
/// <param name="Answers">How many questions have an answer; of several answers to one the last counts.</param>
/// <param name="Questions">How many questions the split has.</param>
/// <param name="BrokenLines">How many lines of the answer file were skipped.</param>
internal sealed record VqaUpload(string File, int Answers, int Questions, int BrokenLines)
{
    /// <summary>Makes the file for VQAv2; a question without an answer gets an empty one.</summary>
    /// <param name="questionFile">The questions of the split.</param>
    /// <param name="answerFile">The answers.</param>
    /// <exception cref="IOException">A file cannot be read or lacks something.</exception>
    public static VqaUpload ForVqaV2(string questionFile, string answerFile) =>
        Make(questionFile, answerFile, (question, answer) => new JsonObject
        {
            ["question_id"] = JsonNode.Parse(question.Key("question_id")),
            ["answer"] = answer ?? string.Empty,
        });

    /// <summary>Makes the file for VizWiz.</summary>
    /// <param name="questionFile">The questions of the split.</param>
    /// <param name="answerFile">The answers.</param>
    /// <exception cref="IOException">
    /// A file cannot be read or lacks something, or a question has no answer.
    /// </exception>
    public static VqaUpload ForVizWiz(string questionFile, string answerFile) =>
        Make(questionFile, answerFile, (question, answer) => new JsonObject
        {
            ["image"] = question.Text("image"),
            ["answer"] = answer ?? throw new IOException(
                $"{question.Where}: the question has no answer in {answerFile}. Answer all questions first."),
        });

    /// <summary>The line that the official scripts print.</summary>
    public string Report() => $"total results: {Answers}, total split: {Questions}, error_line: {BrokenLines}\n";

    private static VqaUpload Make(
        string questionFile, string answerFile, Func<JsonRecord, string?, JsonObject> describe)
    {
        IReadOnlyList<JsonRecord> whole = JsonData.ReadWholeLines(answerFile, out int broken);
        Dictionary<string, string> answers = [];
        foreach (JsonRecord answer in whole)
        {
            answers[answer.Key("question_id")] = answer.Text("text");
        }

        JsonRecord[] questions = [.. JsonData.ReadLines(questionFile)];
        JsonArray lines = [.. questions.Select(question => describe(
            question,
            answers.TryGetValue(question.Key("question_id"), out string? text)
                ? VqaNormaliser.Normalise(text)
                : null))];
        return new VqaUpload(PythonJson.Write(lines), answers.Count, questions.Length, broken);
    }
}
