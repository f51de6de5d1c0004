using System.Text.Json;
using DenseConnector.Cli.Evaluation.TextVqa;

namespace DenseConnector.Cli.Tests.Evaluation.TextVqa;

[Trait("Suite", "Evaluation")]
public sealed class TextVqaPromptTests
{
    [Fact]
    public void FindQuestion_EveryCase_EqualsTheOfficialOne()
    {
        foreach (JsonElement row in EvaluationData.Rows("textvqa", "prompt_join_cases.jsonl"))
        {
            string? expected = row.TryGetProperty("error", out _) ? null : row.Text("question");
            Assert.Equal(expected, TextVqaPrompt.FindQuestion(row.Text("prompt")));
        }
    }
}
