using System.Text.Json;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Mmmu;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuParsingTests
{
    private readonly JsonElement _scores = EvaluationData.Value("mmmu", "expected_per_subject.json");
    private readonly MmmuParsing _parsing;

    public MmmuParsingTests()
    {
        Dictionary<string, string> responses = EvaluationData.Rows("mmmu", "answers.jsonl").ToDictionary(
            row => row.Text("id"), row => row.Text("response"));

        // Of the recorded run not all subjects were there.
        _parsing = new MmmuParsing(MmmuGoldens.Questions
            .Where(question => _scores.TryGetProperty(question.Subject, out _))
            .Select(question => (question, responses[question.Id])));
    }

    [Fact]
    public void Report_RecordedAnswers_IsTheOfficialOne() => Assert.Equal(
        EvaluationData.Value("mmmu", "expected_stdout.json").Text("main_parse_and_eval"), _parsing.Report);

    [Fact]
    public void WriteParsed_RecordedAnswers_AreTheOfficialValuesAndJudgements()
    {
        JsonElement expected = EvaluationData.Value("mmmu", "expected_parsed.json");
        JsonElement parsed = JsonElement.Parse(PythonJson.Standard(_parsing.WriteParsed()));
        Assert.Equal(
            expected.EnumerateObject().Select(item => item.Name).Order(),
            parsed.EnumerateObject().Select(item => item.Name).Order());
        Assert.All(expected.EnumerateObject(), item =>
        {
            JsonElement found = parsed.GetProperty(item.Name);
            Assert.Equal(item.Value.Text("judge"), found.Text("judge"));
            Assert.Equal(Recorded(item.Value.GetProperty("parsed")), Written(found.GetProperty("parsed")));
        });
    }

    [Fact]
    public void WriteScores_RecordedAnswers_AreTheOfficialOnes()
    {
        JsonElement scores = JsonElement.Parse(_parsing.WriteScores());
        Assert.Equal(PythonJson.Write(_scores), PythonJson.Write(scores));
    }

    [Theory]
    [InlineData("inf", "[Infinity]")]
    [InlineData("-Infinity", "[-Infinity]")]
    [InlineData("NaN", "[NaN]")]
    public void WriteParsed_NumberWithoutAnEnd_IsWrittenAsPythonDoesAndReadAgain(string response, string expected)
    {
        MmmuQuestion question = new("validation_Art_1", "How much?", [], IsMultipleChoice: false, ["1"]);
        string written = new MmmuParsing([(question, response)]).WriteParsed();
        string line = string.Concat(written.Split('\n').Select(part => part.Trim()));
        Assert.Contains($"\"parsed\": {expected}", line, StringComparison.Ordinal);
        Assert.Equal("Wrong", JsonData.Parse("x", written).Object("validation_Art_1").Text("judge"));
    }

    // A set has no order.
    private static IEnumerable<string> Recorded(JsonElement parsed) => parsed.ValueKind == JsonValueKind.Array
        ? MmmuGoldens.Recorded(parsed)
        : [parsed.GetString()!];

    private static IEnumerable<string> Written(JsonElement parsed) => parsed.ValueKind == JsonValueKind.Array
        ? parsed.EnumerateArray().Select(WrittenValue).Order()
        : [parsed.GetString()!];

    private static string WrittenValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => $"text {value.GetString()}",
        JsonValueKind.Null => "number nan",
        _ => $"number {PythonNumber.Repr(value.GetDouble())}",
    };
}
