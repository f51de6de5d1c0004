using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.MathVista;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaBenchmarkTests
{
    private readonly MathVistaBenchmark _benchmark = new();

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
