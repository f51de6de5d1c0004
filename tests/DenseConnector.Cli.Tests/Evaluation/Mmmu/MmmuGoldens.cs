using System.Text.Json;
using DenseConnector.Cli.Evaluation.Mmmu;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

/// <summary>The golden data of MMMU as the tests read it.</summary>
internal static class MmmuGoldens
{
    /// <summary>The questions, in the order of the file.</summary>
    public static IReadOnlyList<MmmuQuestion> Questions { get; } =
        [.. EvaluationData.Rows("mmmu", "validation.jsonl").Select(Question)];

    /// <summary>A text, or the texts of a list.</summary>
    public static string[] Answers(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Array ? answer.Texts() : [answer.GetString()!];

    /// <summary>Recorded values: what Python prints for a number, or a text; sorted, as a set has no order.</summary>
    public static IEnumerable<string> Recorded(JsonElement values) =>
        values.EnumerateArray().Select(value => value.EnumerateObject().Single()).Select(RecordedValue).Order();

    public static IEnumerable<string> Written(IEnumerable<MmmuValue> values) => values
        .Select(value => value.Text is string text ? $"text {text}" : $"number {PythonNumber.Repr(value.Number)}")
        .Order();

    private static string RecordedValue(JsonProperty value) =>
        $"{(value.Name == "n" ? "number" : "text")} {value.Value.GetString()}";

    private static MmmuQuestion Question(JsonElement row) => new(
        row.GetProperty("id").GetString()!,
        row.GetProperty("question").GetString()!,
        MmmuQuestion.ReadOptions(row.GetProperty("options").GetString()!),
        row.GetProperty("question_type").GetString() == "multiple-choice",
        Answers(row.GetProperty("answer")));
}
