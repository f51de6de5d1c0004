using System.Text.Json;
using DenseConnector.Cli.Evaluation.Mme;

namespace DenseConnector.Cli.Tests.Evaluation.Mme;

[Trait("Suite", "Evaluation")]
public sealed class MmeScorerTests
{
    private static readonly JsonElement Expected = EvaluationData.Value("mme", "expected_scores.json");

    private static readonly IReadOnlyDictionary<string, string> Tables = MmeConversion.Convert(
        EvaluationData.File("mme", "ground_truth"), EvaluationData.File("mme", "answers.jsonl"));

    [Fact]
    public void Convert_OfTheAnswers_GivesTheOfficialTables() => Assert.Equal(
        Directory.GetFiles(EvaluationData.File("mme", "expected_converted"))
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText),
        Tables);

    [Fact]
    public void Convert_RepeatedAnswer_KeepsTheFirst()
    {
        string[] lines = File.ReadAllLines(EvaluationData.File("mme", "answers.jsonl"));
        string file = Path.GetTempFileName();
        try
        {
            string other = lines[0].Replace("\"text\": \"", "\"text\": \"again ", StringComparison.Ordinal);
            Assert.NotEqual(lines[0], other);
            File.WriteAllLines(file, [.. lines, other]);
            Assert.Equal(Tables, MmeConversion.Convert(EvaluationData.File("mme", "ground_truth"), file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void LabelOf_EveryAnswer_EqualsTheOfficialLabel()
    {
        JsonElement[] answers = [.. Expected.GetProperty("parsed").EnumerateArray()];
        Assert.NotEmpty(answers);
        Assert.All(answers, answer => Assert.Equal(answer.Text("label"), MmeScorer.LabelOf(answer.Text("raw"))));
    }

    [Fact]
    public void Report_OfTheTables_EqualsTheOfficialLines() =>
        Assert.Equal(Expected.Text("stdout"), MmeScorer.Report(Tables));

    [Theory]
    [InlineData("")]
    [InlineData("x.txt\tq\tYes\tyes\n")]
    [InlineData("x.txt\tq\tMaybe\tyes\nx.txt\tq\tNo\tno\n")]
    [InlineData("x.txt\tq\tYes\ty\tes\nx.txt\tq\tNo\tno\n")]
    public void Score_BadTable_IsRefused(string table) =>
        Assert.Throws<IOException>(() => MmeScorer.Score("color", table));
}
