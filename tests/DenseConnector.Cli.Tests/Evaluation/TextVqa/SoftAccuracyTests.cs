using System.Text.Json;
using DenseConnector.Cli.Evaluation.TextVqa;
using DenseConnector.Cli.Evaluation.Vqa;

namespace DenseConnector.Cli.Tests.Evaluation.TextVqa;

[Trait("Suite", "Evaluation")]
public sealed class SoftAccuracyTests
{
    [Fact]
    public void Score_EveryCase_EqualsTheOfficialScore()
    {
        foreach (JsonElement row in EvaluationData.Rows("textvqa", "soft_accuracy_cases.jsonl"))
        {
            string[] given = [.. row.GetProperty("answers").EnumerateArray()
                .Select(answer => VqaNormaliser.Normalise(answer.GetString()!))];
            Assert.Equal(
                row.GetProperty("score").GetDouble(),
                SoftAccuracy.Score(VqaNormaliser.Normalise(row.Text("pred")), given));
            Assert.Equal(
                row.GetProperty("unique_answer_scores").EnumerateObject()
                    .ToDictionary(answer => answer.Name, answer => answer.Value.GetDouble()),
                given.Distinct().ToDictionary(answer => answer, answer => SoftAccuracy.Score(answer, given)));
        }
    }

    [Fact]
    public void Score_NotTenPeople_IsRefused() =>
        Assert.Throws<ArgumentException>(() => SoftAccuracy.Score("a", ["a", "b"]));
}
