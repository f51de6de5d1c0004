using System.Text.Json;
using DenseConnector.Cli.Evaluation.MathVista;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaAnswerTests
{
    [Fact]
    public void Normalize_EveryTextExtraction_IsAsRecorded()
    {
        // A judge, and the rules, give texts alone; the recorded rows with other values are not met.
        JsonElement[] rows = [.. EvaluationData.Rows("mathvista", "normalise.jsonl")
            .Where(row => row.GetProperty("extraction").ValueKind == JsonValueKind.String)];
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal(
            row.GetProperty("prediction").TextOrNull(), Normalize(row, row.GetProperty("precision"))));
    }

    [Theory]
    [InlineData(false, "expected_scores.json")]
    [InlineData(true, "expected_scores_int_precision.json")]
    public void Normalize_WholeRun_CountsTheRecordedRightAnswers(bool isWholePrecision, string scores)
    {
        JsonElement average = EvaluationData.Value("mathvista", scores).GetProperty("average");
        JsonProperty[] items = [.. EvaluationData.Value("mathvista", "extracted.json").EnumerateObject()];
        Assert.Equal(average.GetProperty("total").GetInt32(), items.Length);
        Assert.Equal(
            average.GetProperty("correct").GetInt32(),
            items.Count(item => Predict(item.Value, isWholePrecision) == item.Value.GetProperty("answer").GetString()));
    }

    [Fact]
    public void Normalize_WholeRun_GivesTheRecordedPredictions()
    {
        JsonElement items = EvaluationData.Value("mathvista", "extracted.json");
        Assert.All(EvaluationData.Value("mathvista", "expected_items.json").EnumerateObject(), expected =>
        {
            JsonElement item = items.GetProperty(expected.Name);
            string? prediction = Predict(item, isWholePrecision: false);
            Assert.Equal(expected.Value.GetProperty("prediction").TextOrNull(), prediction);
            Assert.Equal(
                expected.Value.GetProperty("true_false").GetBoolean(),
                prediction == item.GetProperty("answer").GetString());
        });
    }

    internal static string? Predict(JsonElement item, bool isWholePrecision) => Normalize(
        item,
        isWholePrecision && item.GetProperty("precision") is { ValueKind: JsonValueKind.Number } precision
            ? JsonElement.Parse($"{precision.GetDouble():0}")
            : item.GetProperty("precision"));

    private static string? Normalize(JsonElement row, JsonElement precision)
    {
        string extraction = row.GetProperty("extraction").GetString()!;
        return row.GetProperty("question_type").GetString() == MathVistaQuestion.MultipleChoice
            ? MathVistaAnswer.Choice(extraction, row.GetProperty("choices").Texts())
            : MathVistaAnswer.Free(
                extraction,
                row.GetProperty("answer_type").GetString()!,
                precision.ValueKind == JsonValueKind.Null ? null : precision.GetDouble(),
                !precision.GetRawText().Contains('.', StringComparison.Ordinal));
    }
}
