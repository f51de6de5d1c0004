using System.Text.Json;
using DenseConnector.Cli.Evaluation.MathVista;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaPromptTests
{
    [Fact]
    public void For_EveryQuestion_IsTheRecordedQueryAndPrompt()
    {
        IReadOnlyList<JsonElement> prompts = EvaluationData.Rows("mathvista", "prompts.jsonl");
        IReadOnlyList<JsonElement> answers = EvaluationData.Rows("mathvista", "answers.jsonl");
        Assert.Equal(answers.Count, prompts.Count);
        Assert.All(answers.Zip(prompts), pair =>
        {
            string query = Query(pair.First);
            Assert.Equal(pair.First.GetProperty("query").GetString(), query);
            Assert.EndsWith(
                $" USER: <image>\n{query} ASSISTANT:",
                pair.Second.GetProperty("prompt").GetString(),
                StringComparison.Ordinal);
        });
    }

    [Fact]
    public void For_FloatWithoutPrecision_Throws() => Assert.Throws<ArgumentException>(() =>
        MathVistaPrompt.For(new MathVistaQuestion("How long?", null, null, "float", null), isMultipleChoice: false));

    private static string Query(JsonElement item)
    {
        JsonElement choices = item.GetProperty("choices");
        JsonElement precision = item.GetProperty("precision");
        MathVistaQuestion question = new(
            item.GetProperty("question").GetString()!,
            choices.ValueKind == JsonValueKind.Null ? null : choices.Texts(),
            item.GetProperty("unit").TextOrNull(),
            item.GetProperty("answer_type").GetString()!,
            precision.ValueKind == JsonValueKind.Null ? null : precision.GetDouble());
        return MathVistaPrompt.For(
            question, item.GetProperty("question_type").GetString() == MathVistaQuestion.MultipleChoice);
    }
}
