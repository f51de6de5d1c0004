using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MmVet;

/// <summary>The grade of an answer of MM-Vet.</summary>
/// <param name="Item">The item.</param>
/// <param name="Model">The model that says it gave the grade.</param>
/// <param name="Content">The part of the reply that was read, or the whole last one where none was a grade.</param>
/// <param name="Score">From 0 to 1, or no number where the judge replied just that.</param>
internal sealed record MmVetGrade(MmVetItem Item, string Model, string Content, double Score)
{
    private const int Indent = 4;

    /// <summary>Joins items with what was replied about them.</summary>
    public static IReadOnlyList<MmVetGrade> Of(IEnumerable<MmVetItem> items, IEnumerable<JudgedItem> judged) =>
        [.. items.Zip(judged, (item, judgement) =>
        {
            JudgeReply last = judgement.Replies[^1];
            return judgement.Replies.Count < MmVetJudge.Tries && Parse(last.Text) is double score
                ? new MmVetGrade(item, last.Model, Word(last.Text), score)
                : new MmVetGrade(item, last.Model, last.Text, 0);
        })];

    /// <summary>The grade in a reply: a number from 0 to 1, or none, before the first space.</summary>
    public static double? Parse(string reply) =>
        PythonFloat.Parse(Word(reply)) is double score and not (< 0 or > 1) ? score : null;

    /// <summary>The grade as what the answer is worth.</summary>
    public Verdict Verdict() => new(double.IsNaN(Score) ? 0 : Score, PythonNumber.Repr(Score), Item.Truth);

    /// <summary>The file of grades that the official script writes.</summary>
    public static string Write(IEnumerable<MmVetGrade> grades) => PythonJson.Write(
        new JsonObject(grades.Select(grade => KeyValuePair.Create(grade.Item.Id, (JsonNode?)new JsonObject
        {
            ["model"] = new JsonArray(grade.Model),
            ["content"] = new JsonArray(grade.Content),
            ["score"] = new JsonArray(grade.Score),
        }))),
        Indent);

    private static string Word(string reply) => PythonText.Strip(reply.Split(' ')[0]);
}
