using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Mmmu;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuBenchmarkTests
{
    private readonly MmmuBenchmark _benchmark = new();

    [Fact]
    public void Score_RecordedAnswers_IsTheOfficialReport() => Assert.Equal(
        EvaluationData.Value("mmmu", "expected_stdout.json").Text("eval_py"),
        _benchmark.Score(Data(), EvaluationData.File("mmmu", "answers.jsonl")).Report);

    private BenchmarkData Data() => new(_benchmark, EvaluationData.Folder, EvaluationData.Folder);
}
