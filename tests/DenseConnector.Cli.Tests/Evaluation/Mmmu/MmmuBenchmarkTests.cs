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

    [Fact]
    public void Judge_RecordedAnswers_DecidesAsTheScoreButForGuesses()
    {
        EvaluationScore score = _benchmark.Score(Data(), EvaluationData.File("mmmu", "answers.jsonl"));
        Verdict?[] decided = [.. _benchmark.Read(Data()).Zip(
            EvaluationData.Rows("mmmu", "answers.jsonl"), (item, answer) => item.Judge!(answer.Text("response")))];
        Assert.All(decided.Zip(score.Verdicts.Values), pair => Assert.Equal(pair.First ?? pair.Second, pair.Second));
        Assert.Contains(decided, verdict => verdict is null);
        Assert.Contains(decided, verdict => verdict is not null);
    }

    private BenchmarkData Data() => new(_benchmark, EvaluationData.Folder, EvaluationData.Folder);
}
