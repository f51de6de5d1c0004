using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation;

[Trait("Suite", "Evaluation")]
public sealed class AnswerLinesTests
{
    public static TheoryData<string> WithTexts => Goldens.With("raw_outputs.jsonl");

    [Theory]
    [MemberData(nameof(WithTexts))]
    public void StartLines_RecordedTexts_WritesTheOfficialFile(string name)
    {
        Benchmark benchmark = Goldens.Find(name);
        IReadOnlyList<EvaluationItem> items = benchmark.Read(Goldens.Data(benchmark));
        IReadOnlyList<JsonElement> recorded = Goldens.Rows(benchmark, "answers.jsonl");
        IReadOnlyList<JsonElement> raw = Goldens.Rows(benchmark, "raw_outputs.jsonl");
        Assert.Equal(recorded.Count, items.Count);
        IAnswerLines lines = benchmark.StartLines();
        Assert.Equal(
            recorded.Select(line => Sorted(JsonObject.Create(line)!)),
            items.Zip(raw).Zip(recorded, (asked, line) => Sorted(lines.Write(
                asked.First,
                [benchmark.Clean(asked.Second.Text("raw"))],
                TextOf(line, "answer_id"),
                TextOf(line, "model_id")))));
    }

    // Not every script names answers and models.
    private static string TextOf(JsonElement line, string field) =>
        line.TryGetProperty(field, out JsonElement value) ? value.GetString()! : string.Empty;

    // The values of an open answer of MMMU come from a set, which has no order.
    private static string Sorted(JsonObject line)
    {
        if (line["parsed_pred"] is JsonArray values)
        {
            line["parsed_pred"] = new JsonArray(
                [.. values.Select(value => (JsonNode?)PythonJson.Standard(PythonJson.Write(value)))
                    .OrderBy(value => $"{value}")]);
        }

        return PythonJson.Write(line);
    }
}
