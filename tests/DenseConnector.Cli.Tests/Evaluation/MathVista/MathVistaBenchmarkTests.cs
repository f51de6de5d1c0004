using System.Text.Json;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.MathVista;
using DenseConnector.Tests.Loading;

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

    [Fact]
    public void Score_TwoAnswersToOneItem_CountsOne()
    {
        using TemporaryFolder folder = new();
        byte[] answers = File.ReadAllBytes(EvaluationData.File("mathvista", "answers.jsonl"));
        string twice = folder.Write("answers.jsonl", [.. answers, .. answers]);
        Assert.Equal(
            _benchmark.Score(Data(), EvaluationData.File("mathvista", "answers.jsonl")).Report,
            _benchmark.Score(Data(), twice).Report);
    }

    [Fact]
    public void Judge_AnswerThatIsExtractedByRule_IsWeighedAtOnce()
    {
        int calls = EvaluationData.Value("mathvista", "expected_judge_count.json")
            .GetProperty("judge_calls").GetInt32();
        IReadOnlyList<EvaluationItem> items = _benchmark.Read(Data());
        JsonElement expected = EvaluationData.Value("mathvista", "expected_items.json");
        (string Name, Verdict? Verdict)[] verdicts = [.. items.Zip(
            EvaluationData.Rows("mathvista", "answers.jsonl"),
            (item, answer) => (item.Name, item.Judge!(answer.Text("response"))))];
        Assert.Equal(calls, verdicts.Count(item => item.Verdict is null));
        Assert.All(verdicts.Where(item => item.Verdict is not null), item => Assert.Equal(
            expected.GetProperty(item.Name).GetProperty("true_false").GetBoolean(), item.Verdict!.Score > 0));
    }

    private BenchmarkData Data() => new(_benchmark, EvaluationData.Folder, EvaluationData.Folder);
}
