using System.Text;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.MathVista;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaExtractedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("The answer is \"5\".", 1)]
    [InlineData(" 5 ", 0)]
    [InlineData("5", 0)]
    public void Tasks_AnswerOfAWholeNumber_AreThoseThatNoRuleExtracts(string response, int expected) =>
        Assert.Equal(expected, new MathVistaExtracted(Answers(response)).Tasks.Count);

    [Fact]
    public void Write_TwoAnswersToOneItem_KeepsTheLastInOneObjectOfIndentedLines()
    {
        string written = new MathVistaExtracted(Answers("4", "5")).Write([]);
        JsonObject items = JsonNode.Parse(written)!.AsObject();
        Assert.Equal("5", items.Single().Value!["extraction"]!.GetValue<string>());
        Assert.StartsWith("{\n    \"", written, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Answers to the first item that asks for a whole number.</summary>
    private string Answers(params string[] responses)
    {
        JsonObject item = JsonObject.Create(EvaluationData.Rows("mathvista", "answers.jsonl").First(
            row => row.Text("answer_type") == "integer" && row.Text("question_type") != "multi_choice"))!;
        StringBuilder lines = new();
        foreach (string response in responses)
        {
            item["response"] = response;
            lines.Append(PythonJson.Write(item)).Append('\n');
        }

        return _folder.Write("answers.jsonl", Encoding.UTF8.GetBytes(lines.ToString()));
    }
}
