using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation;

/// <summary>Reads the question files of LLaVA: one question about one picture on each line.</summary>
internal static class QuestionLines
{
    /// <summary>Reads the questions.</summary>
    /// <param name="file">The file.</param>
    /// <param name="images">The folder of the pictures.</param>
    /// <param name="judge">What decides about the answers to a question; gives <c>null</c> where nothing does.</param>
    /// <exception cref="IOException">The file cannot be read or lacks something.</exception>
    public static IReadOnlyList<EvaluationItem> Read(
        string file, string images, Func<JsonRecord, Func<string, Verdict?>?>? judge = null) =>
        [.. JsonData.ReadLines(file).Select(question => new EvaluationItem
        {
            Identity = Identify(question),
            Questions = [question.Text("text")],
            Visual = new PictureFile(Path.Combine(images, question.Text("image"))),
            Judge = judge?.Invoke(question),
        })];

    private static JsonObject Identify(JsonRecord question) => new()
    {
        ["question_id"] = JsonNode.Parse(question.Key("question_id")),
        ["prompt"] = question.Text("text"),
    };
}
