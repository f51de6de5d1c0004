using System.Text.Json;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.MathVista;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaItemTests
{
    [Fact]
    public void Predict_EveryExtraction_IsAsRecorded() =>
        Assert.All(EvaluationData.Rows("mathvista", "normalise.jsonl"), row => Assert.Equal(
            row.GetProperty("prediction").TextOrNull(), new MathVistaItem(new JsonRecord("row", row)).Predict()));

    [Fact]
    public void IsEqual_EveryPair_IsAsRecorded() =>
        Assert.All(EvaluationData.Rows("mathvista", "safe_equal.jsonl"), row => Assert.Equal(
            row.GetProperty("equal").GetBoolean(),
            MathVistaItem.IsEqual(row.GetProperty("prediction").TextOrNull(), row.GetProperty("answer"))));

    [Fact]
    public void Predict_NoChoices_ThrowsWithTheItem()
    {
        JsonElement item = JsonElement.Parse(
            """{"question_type": "multi_choice", "choices": [], "extraction": "A", "precision": null}""");
        Assert.Contains(
            "item 7", Assert.Throws<IOException>(new MathVistaItem(new JsonRecord("item 7", item)).Predict).Message);
    }
}
