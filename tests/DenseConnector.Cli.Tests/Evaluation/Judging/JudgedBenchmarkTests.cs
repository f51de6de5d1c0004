using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.Judging;

[Trait("Suite", "Evaluation")]
public sealed class JudgedBenchmarkTests
{
    [Theory]
    [InlineData("llava-bench")]
    [InlineData("mm-vet")]
    [InlineData("mathvista")]
    public void Judge_EveryItem_HasAVerdictByItsName(string name)
    {
        JudgedBenchmark benchmark = (JudgedBenchmark)Goldens.Find(name);
        BenchmarkData data = Goldens.Data(benchmark);
        JudgingPlan plan = benchmark.Judge(
            data, EvaluationData.File(Goldens.FolderOf(benchmark)!, "answers.jsonl"), benchmark.JudgeModel);
        EvaluationScore score = plan.Score(
            [.. plan.Tasks.Select(task => new JudgedItem(task.Item, [new JudgeReply("1", "judge")]))]);
        Assert.Equal(
            benchmark.Read(data).Select(item => item.Name).Order(StringComparer.Ordinal),
            score.Verdicts.Keys.Order(StringComparer.Ordinal));
    }
}
