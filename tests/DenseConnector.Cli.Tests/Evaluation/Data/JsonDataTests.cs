using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Tests.Evaluation.Data;

[Trait("Suite", "Evaluation")]
public sealed class JsonDataTests
{
    [Theory]
    [InlineData("{", "line 2 is no JSON")]
    [InlineData("[]", "line 2 holds a JSON Array, expected an object")]
    [InlineData("{}", "line 2: the field 'a' is missing")]
    [InlineData("""{"a": 1}""", "line 2: 'a' is 1, expected a string")]
    [InlineData("""{"a": null}""", "line 2: 'a' is null, expected a string")]
    [InlineData("""{"a": "\ud800"}""", "line 2: 'a' is")]
    public void ReadLines_BadLine_NamesThePlace(string line, string expected)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $$"""{"a": "x"}{{"\n"}}{{line}}{{"\n"}}""");
            IOException error = Assert.Throws<IOException>(
                () => JsonData.ReadLines(file).Select(row => row.Text("a")).ToList());
            Assert.StartsWith($"{file}: {expected}", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Key_TextAndNumber_Differ()
    {
        JsonRecord row = new("x", System.Text.Json.JsonElement.Parse("""{"text": "1", "number": 1}"""));
        Assert.NotEqual(row.Key("text"), row.Key("number"));
    }
}
