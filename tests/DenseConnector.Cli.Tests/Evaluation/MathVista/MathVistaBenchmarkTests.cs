using System.Text.Json;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.MathVista;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaBenchmarkTests
{
    private readonly MathVistaBenchmark _benchmark = new();

    [Fact]
    public void StartLines_RecordedResponses_WritesTheOfficialLines()
    {
        IReadOnlyList<EvaluationItem> items = _benchmark.Read(Data());
        string[] recorded = File.ReadAllLines(EvaluationData.File("mathvista", "answers.jsonl"));
        IReadOnlyList<JsonElement> raw = EvaluationData.Rows("mathvista", "raw_outputs.jsonl");
        Assert.Equal(recorded.Length, items.Count);
        IAnswerLines lines = _benchmark.StartLines();
        Assert.Equal(recorded, items.Zip(raw, (item, text) => PythonJson.Write(
            lines.Write(item, _benchmark.Clean(text.Text("raw")), "id", "model"))));
    }

    [Fact]
    public void Score_WithoutAJudge_HasNoValue()
    {
        EvaluationScore score = _benchmark.Score(Data(), EvaluationData.File("mathvista", "answers.jsonl"));
        int calls = EvaluationData.Value("mathvista", "expected_judge_count.json")
            .GetProperty("judge_calls").GetInt32();
        Assert.Null(score.Value);
        Assert.Contains($" {calls} need a judge", score.Report, StringComparison.Ordinal);
    }

    private BenchmarkData Data() => new(_benchmark, EvaluationData.Folder, EvaluationData.Folder);
}
