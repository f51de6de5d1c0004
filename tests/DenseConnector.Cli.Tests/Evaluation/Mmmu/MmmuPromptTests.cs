using System.Text.Json;
using DenseConnector.Cli.Evaluation.Mmmu;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuPromptTests
{
    [Fact]
    public void For_EveryQuestion_IsTheRecordedPrompt()
    {
        IReadOnlyList<JsonElement> recorded = EvaluationData.Rows("mmmu", "prompts.jsonl");
        Assert.Equal(MmmuGoldens.Questions.Count, recorded.Count);
        Assert.All(MmmuGoldens.Questions.Zip(recorded), pair =>
        {
            string prompt = pair.Second.GetProperty("prompt").GetString()!;
            Assert.Equal(pair.Second.GetProperty("id").GetString(), pair.First.Id);
            Assert.EndsWith(
                $" USER: <image>\n{MmmuPrompt.For(pair.First)} ASSISTANT:", prompt, StringComparison.Ordinal);
        });
    }
}
