using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Python;

[Trait("Suite", "Evaluation")]
public sealed class PythonJsonTests
{
    [Fact]
    public void Write_OfEveryAnswerFile_GivesItsBytes()
    {
        string[] files = Directory.GetFiles(EvaluationData.Folder, "answers.jsonl", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            string[] lines = File.ReadAllLines(file);
            Assert.NotEmpty(lines);
            Assert.All(lines.Select(PythonJson.Standard), line => Assert.Equal(
                line, PythonJson.Standard(PythonJson.Write(JsonElement.Parse(line)))));
        }
    }

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(100.0, "100.0")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(1e16, "1e+16")]
    [InlineData(1.5e300, "1.5e+300")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(120.5, "120.5")]
    [InlineData(99.99999999999999, "99.99999999999999")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    public void Write_Float_GivesItsShortestText(double value, string expected) =>
        Assert.Equal(expected, PythonJson.Write(JsonValue.Create(value)));

    [Theory]
    [InlineData("1E5", "100000.0")]
    [InlineData("1.50", "1.5")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    public void Write_ReadNumber_KeepsItsKind(string json, string expected) =>
        Assert.Equal(expected, PythonJson.Write(JsonElement.Parse(json)));

    [Fact]
    public void Write_Text_EscapesAllButAscii() => Assert.Equal(
        @"""\""\\/\n\r\t\f\b\u0001\u007f\u00e9\u2028\ud83d\ude00 <&'>""",
        PythonJson.Write(JsonValue.Create("\"\\/\n\r\t\f\b\u0001\u007fé\u2028😀 <&'>")));

    [Fact]
    public void Write_Nested_SeparatesWithSpaces() => Assert.Equal(
        """{"b": [1, true, null, {}], "a": []}""",
        PythonJson.Write(JsonNode.Parse("""{"b":[1,true,null,{}],"a":[]}""")));

    [Fact]
    public void Write_Indented_LeavesNoSpaceBeforeBreaks() => Assert.Equal(
        "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": []\n}",
        PythonJson.Write(JsonNode.Parse("""{"b":[1,{}],"a":[]}"""), indent: 2));

    [Theory]
    [InlineData("""{"a": NaN, "b": [Infinity, -Infinity]}""", """{"a": null, "b": [1e999, -1e999]}""")]
    [InlineData("""{"NaN": "-Infinity", "b":"\"NaN", "c": NaN}""", """{"NaN": "-Infinity", "b":"\"NaN", "c": null}""")]
    [InlineData("""{"a": "NaN""", """{"a": "null""")]
    public void Standard_NumberWithoutAnEnd_IsReadAsOne(string written, string expected) =>
        Assert.Equal(expected, PythonJson.Standard(written));

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Standard_Infinity_IsWrittenAsItWasRead(double value)
    {
        string written = PythonJson.Write(JsonValue.Create(value));
        JsonElement read = JsonElement.Parse(PythonJson.Standard(written));
        Assert.Equal(value, read.GetDouble());
        Assert.Equal(written, PythonJson.Write(read));
    }
}
