using DenseConnector.Cli.Evaluation.MathVista;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaDistanceTests
{
    [Fact]
    public void Nearest_EveryPrediction_IsTheRecordedChoice() =>
        Assert.All(EvaluationData.Rows("mathvista", "most_similar.jsonl"), row =>
        {
            string prediction = row.GetProperty("prediction").GetString()!;
            string[] choices = row.GetProperty("choices").Texts();
            Assert.Equal(
                row.GetProperty("distances").EnumerateArray().Select(distance => distance.GetInt32()),
                choices.Select(choice => MathVistaDistance.Between(prediction, choice)));
            Assert.Equal(row.GetProperty("chosen").GetString(), MathVistaDistance.Nearest(prediction, choices));
        });
}
