using System.Text.Json;
using DenseConnector.Cli.Evaluation.Pope;

namespace DenseConnector.Cli.Tests.Evaluation.Pope;

[Trait("Suite", "Evaluation")]
public sealed class PopeScorerTests
{
    [Fact]
    public void MeansYes_EveryAnswer_EqualsTheOfficialReading()
    {
        Dictionary<string, string> read = EvaluationData.Rows("pope", "answers.jsonl").ToDictionary(
            answer => answer.GetProperty("question_id").GetRawText(),
            answer => PopeScorer.MeansYes(answer.Text("text")) ? "yes" : "no");
        JsonProperty[] parsed =
            [.. EvaluationData.Value("pope", "expected_scores.json").GetProperty("parsed").EnumerateObject()];
        Assert.Equal(parsed.ToDictionary(answer => answer.Name, answer => answer.Value.GetString()!), read);
    }

    [Theory]
    [InlineData("answers.jsonl")]
    [InlineData("tiny_answers.jsonl")]
    public void Score_OfAFile_PrintsTheOfficialLines(string answers)
    {
        string expected = answers.StartsWith("tiny", StringComparison.Ordinal)
            ? EvaluationData.Value("tiny_model_scores.json").Text("pope")
            : EvaluationData.Value("pope", "expected_scores.json").Text("stdout");
        Assert.Equal(expected, string.Concat(PopeScorer.Score(
            EvaluationData.File("pope", "coco"),
            EvaluationData.File("pope", "llava_pope_test.jsonl"),
            EvaluationData.File("pope", answers)).Select(score => score.Report())));
    }

    [Fact]
    public void Report_NobodySaidYes_HasNoPrecision() => Assert.Contains(
        "Accuracy: 0.5\nPrecision: nan\nRecall: 0.0\nF1 score: nan\nYes ratio: 0.0\nnan, 0.500, nan, 0.000, 0.000\n",
        new PopeScore("x", 2, 0, 0, 0, 1, 1).Report(),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("No", false)]
    [InlineData("It is, no, blue. Yes", false)]
    [InlineData("Yes. No", true)]
    [InlineData("NO", true)]
    [InlineData("No!", true)]
    [InlineData("is\nno", true)]
    [InlineData("", true)]
    public void MeansYes_OnlyTheVeryWords_MeanNo(string answer, bool expected) =>
        Assert.Equal(expected, PopeScorer.MeansYes(answer));
}
