using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.MathVista;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaScorerTests
{
    [Theory]
    [InlineData(false, "expected_scores.json")]
    [InlineData(true, "expected_scores_int_precision.json")]
    public void WriteScores_WholeRun_IsTheOfficialFile(bool isWholePrecision, string expected) => Assert.Equal(
        Official(EvaluationData.Value("mathvista", expected)),
        Official(JsonElement.Parse(new MathVistaScorer(Extracted(isWholePrecision)).WriteScores())));

    [Fact]
    public void WriteItems_WholeRun_AddsTheRecordedPredictions()
    {
        JsonRecord extracted = Extracted(isWholePrecision: false);
        JsonObject expected = JsonObject.Create(extracted.Value)!;
        foreach (JsonProperty item in EvaluationData.Value("mathvista", "expected_items.json").EnumerateObject())
        {
            expected[item.Name]!["prediction"] = item.Value.GetProperty("prediction").TextOrNull();
            expected[item.Name]!["true_false"] = item.Value.GetProperty("true_false").GetBoolean();
        }

        Assert.Equal(PythonJson.Write(expected, 4), new MathVistaScorer(extracted).WriteItems());
    }

    [Fact]
    public void Verdicts_WholeRun_AreTheRecordedOnes() => Assert.Equal(
        EvaluationData.Value("mathvista", "expected_items.json").EnumerateObject().Select(
            item => (item.Name, item.Value.GetProperty("true_false").GetBoolean())),
        new MathVistaScorer(Extracted(isWholePrecision: false)).Verdicts.Select(
            verdict => (verdict.Key, verdict.Value.Score > 0)));

    [Fact]
    public void New_NoItems_Throws() =>
        Assert.Throws<IOException>(() => new MathVistaScorer(JsonData.Parse("empty.json", "{}")));

    // Skills come from a set, so the order of equal ones is chance.
    private static string Official(JsonElement scores)
    {
        JsonObject all = JsonObject.Create(scores)!;
        all["skills"] = new JsonObject(all["skills"]!.AsObject()
            .OrderBy(skill => skill.Key, StringComparer.Ordinal)
            .Select(skill => KeyValuePair.Create(skill.Key, skill.Value?.DeepClone())));
        return PythonJson.Write(all, 4);
    }

    private static JsonRecord Extracted(bool isWholePrecision)
    {
        JsonObject items = JsonObject.Create(EvaluationData.Value("mathvista", "extracted.json"))!;
        foreach ((_, JsonNode? item) in isWholePrecision ? items : [])
        {
            item!["precision"] = item["precision"] is JsonNode precision ? (int)precision.GetValue<double>() : null;
        }

        return JsonData.Parse("extracted.json", items.ToJsonString());
    }
}
