using System.Text.Json;
using DenseConnector.Cli.Evaluation.Mmmu;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuChoiceTests
{
    private readonly IReadOnlyList<JsonElement> _sequence =
        EvaluationData.Rows("mmmu", "multiple_choice_sequence.jsonl");

    [Fact]
    public void Read_RecordedSequence_GivesTheRecordedLetters()
    {
        PythonRandom guesses = new(MmmuChoice.Seed);
        Assert.Equal(
            _sequence.Select(row => row.GetProperty("parsed").GetString()),
            _sequence.Select(row => MmmuChoice.Read(Response(row), Options(row), guesses)));
    }

    [Fact]
    public void Find_RecordedSequence_FindsNoneWhereItWasGuessed() => Assert.Equal(
        _sequence.Select(row => row.GetProperty("used_random").GetBoolean()),
        _sequence.Select(row => MmmuChoice.Find(Response(row), Options(row)) is null));

    [Fact]
    public void Read_RecordedRun_GivesTheRecordedLetters()
    {
        JsonElement[] answers = [.. EvaluationData.Rows("mmmu", "answers.jsonl")
            .Where(row => row.GetProperty("question_type").GetString() == "multiple-choice")];
        PythonRandom guesses = new(MmmuChoice.Seed);
        Assert.NotEmpty(answers);
        Assert.Equal(
            answers.Select(row => row.GetProperty("parsed_pred").GetString()),
            answers.Select(row => MmmuChoice.Read(
                Response(row),
                [.. row.GetProperty("index2ans").EnumerateObject().Select(option => option.Value.GetString()!)],
                guesses)));
    }

    [Theory]
    [InlineData("it is a red house", null)]
    [InlineData("it is surely a Red HOUSE", "A")]
    [InlineData("not the red house but the blue", "B")]
    [InlineData("(A) or (B)", "B")]
    [InlineData("(B), not (A) (B)", "B")]
    [InlineData("B (A)", "A")]
    [InlineData("A B", "B")]
    [InlineData("A\tB", null)]
    [InlineData("A'.", "A")]
    [InlineData("A.'", null)]
    [InlineData("a", null)]
    [InlineData("(D)", null)]
    public void Find_EachClauseOfTheRule_IsKept(string response, string? letter) =>
        Assert.Equal(letter, MmmuChoice.Find(response, ["red house", "the Blue", "green"]));

    private static string Response(JsonElement row) => row.GetProperty("response").GetString()!;

    private static string[] Options(JsonElement row) => row.GetProperty("options").Texts();
}
