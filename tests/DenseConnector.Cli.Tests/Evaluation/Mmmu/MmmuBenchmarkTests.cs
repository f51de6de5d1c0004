using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Mmmu;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuBenchmarkTests
{
    private readonly MmmuBenchmark _benchmark = new();

    [Fact]
    public void StartLines_RecordedResponses_WritesTheOfficialLines()
    {
        IReadOnlyList<JsonElement> recorded = EvaluationData.Rows("mmmu", "answers.jsonl");
        IReadOnlyList<JsonElement> raw = EvaluationData.Rows("mmmu", "raw_outputs.jsonl");
        IReadOnlyList<EvaluationItem> items = _benchmark.Read(Data());
        Assert.Equal(recorded.Count, items.Count);
        IAnswerLines lines = _benchmark.StartLines();
        Assert.Equal(
            recorded.Select(line => Sorted(JsonObject.Create(line)!)),
            items.Zip(raw, (item, text) =>
                Sorted(lines.Write(item, _benchmark.Clean(text.Text("raw")), "id", "model"))));
    }

    [Fact]
    public void Score_RecordedAnswers_IsTheOfficialReport() => Assert.Equal(
        EvaluationData.Value("mmmu", "expected_stdout.json").Text("eval_py"),
        _benchmark.Score(Data(), EvaluationData.File("mmmu", "answers.jsonl")).Report);

    // The values of an open answer come from a set, which has no order.
    private static string Sorted(JsonObject line)
    {
        if (line["parsed_pred"] is JsonArray values)
        {
            line["parsed_pred"] = new JsonArray(
                [.. values.Select(value => (JsonNode?)PythonJson.Write(value)).OrderBy(value => $"{value}")]);
        }

        return PythonJson.Write(line);
    }

    private BenchmarkData Data() => new(_benchmark, EvaluationData.Folder, EvaluationData.Folder);
}
