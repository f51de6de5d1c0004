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
    public void Score_RecordedAnswers_GroupsThemAsTheOfficialTableDoes()
    {
        ILookup<string, double> right = EvaluationData.Value("mmmu", "expected_eval.json").EnumerateObject()
            .Where(item => item.Name != "metric_dict")
            .ToLookup(
                item => MmmuQuestion.SubjectOf(item.Name), item => item.Value.GetString() == "Correct" ? 100.0 : 0);
        IReadOnlyList<ScoreGroup> groups =
            _benchmark.Score(Data(), EvaluationData.File("mmmu", "answers.jsonl")).Groups;

        Assert.Equal(
            right.Select(subject => subject.Key).Order(StringComparer.Ordinal),
            groups.Where(group => group.Kind == "subject").Select(group => group.Name).Order(StringComparer.Ordinal));
        Assert.Contains(groups, group => group is { Kind: "domain", Name: "Overall" });
        (string Domain, string Subject)[] rows = [.. Domains(groups.Select(group => group.Name))];
        Assert.Subset(rows.ToHashSet(), Domains(EvaluationData.Value("mmmu", "expected_eval_only.json")
            .EnumerateObject().Select(row => row.Name)).ToHashSet());
        Assert.All(groups, group =>
        {
            double[] counted = group.Kind == "subject" ? [.. right[group.Name]]
                : group.Name == "Overall" ? [.. right.SelectMany(subject => subject)]
                : [.. rows.Where(row => row.Domain == group.Name).SelectMany(row => right[row.Subject])];
            Assert.Equal(counted.Length, group.Count);
            Assert.Equal(counted.Average(), group.Value, 0.05);
            Assert.Equal(Math.Round(group.Value, 1), group.Value, 1e-9);
        });
    }

    [Theory]
    [InlineData("inf", "[Infinity]")]
    [InlineData("nan", "[NaN]")]
    public void StartLines_NumberWithoutAnEnd_IsWrittenAsPythonDoes(string text, string expected)
    {
        EvaluationItem open = _benchmark.Read(Data()).First(item => item.Choices.Count == 0);
        JsonObject line = _benchmark.StartLines().Write(open, [text], "id", "model");
        Assert.Equal(expected, PythonJson.Write(line["parsed_pred"]));
    }

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

    /// <summary>The subjects of a table, each with the domain below which it stands.</summary>
    private static IEnumerable<(string Domain, string Subject)> Domains(IEnumerable<string> table)
    {
        string domain = string.Empty;
        foreach (string row in table)
        {
            if (row.StartsWith("Overall", StringComparison.Ordinal))
            {
                domain = row;
            }
            else
            {
                yield return (domain, row);
            }
        }
    }

    private BenchmarkData Data() => new(_benchmark, EvaluationData.Folder, EvaluationData.Folder);
}
