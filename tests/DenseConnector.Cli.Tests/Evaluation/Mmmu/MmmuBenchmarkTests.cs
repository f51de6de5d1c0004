using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Mmmu;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuBenchmarkTests
{
    private readonly MmmuBenchmark _benchmark = new();

    [Fact]
    public void StartLines_AnswersWithoutALetter_AreGuessedFromOneSource()
    {
        EvaluationItem[] items = [.. _benchmark.Read(Data()).Where(item => item.Choices.Count > 0)];
        PythonRandom guesses = new(MmmuChoice.Seed);
        IAnswerLines lines = _benchmark.StartLines();
        Assert.Equal(
            items.Select(item => guesses.Choice([.. item.Choices])),
            items.Select(item => lines.Write(item, ["?"], "id", "model")["parsed_pred"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("\n\n \tA. \n", " \tA. ")]
    [InlineData("A\r\n", "A\r")]
    [InlineData("A\nB", "A\nB")]
    public void Clean_TextOfTheModel_LosesLineBreaksOnly(string text, string expected) =>
        Assert.Equal(expected, _benchmark.Clean(text));

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
