using System.Text.Json;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Python;

[Trait("Suite", "Evaluation")]
public sealed class PythonLiteralTests
{
    [Fact]
    public void Parse_EveryReply_IsAcceptedOrRefusedAsRecorded() =>
        Assert.All(EvaluationData.Rows("video", "qa_judge_replies.jsonl"), row =>
        {
            string reply = row.GetProperty("reply").GetString()!;
            if (row.GetProperty("accepted").GetBoolean())
            {
                Assert.Equal(Written(row.GetProperty("stored")), Written(PythonLiteral.Parse(reply)));
            }
            else
            {
                Assert.Throws<FormatException>(() => PythonLiteral.Parse(reply));
            }
        });

    [Theory]
    [InlineData(@"['it\'s ""both""', 'tab\\t']", "[\"it's \\u0022both\\u0022\", \"tab\\\\t\"]")]
    [InlineData(@"'\x41\u00e9\101\q'", "\"A\u00e9A\\\\q\"")]
    [InlineData(@"r'\n'", "\"\\\\n\"")]
    [InlineData("(1,)", "[1]")]
    [InlineData("(1)", "1")]
    [InlineData("0x1F", "31")]
    public void Parse_OtherForms_AreRead(string literal, string json) =>
        Assert.Equal(Written(JsonElement.Parse(json)), Written(PythonLiteral.Parse(literal)));

    [Theory]
    [InlineData("'open")]
    [InlineData("'a\nb'")]
    [InlineData("[1 2]")]
    [InlineData("007")]
    [InlineData(@"'\xZ1'")]
    [InlineData(@"'\x4")]
    [InlineData("- ")]
    [InlineData("['a', ")]
    [InlineData("inf")]
    public void Parse_BrokenText_SaysWhere(string text) =>
        Assert.Contains("expected", Assert.Throws<FormatException>(() => PythonLiteral.Parse(text)).Message);

    [Fact]
    public void Parse_VeryDeepNesting_IsRefused() =>
        Assert.Throws<FormatException>(() => PythonLiteral.Parse(new string('[', 100_000)));

    private static string Written(object? value) => value switch
    {
        null => "None",
        string text => $"'{text}'",
        IEnumerable<KeyValuePair<object?, object?>> pairs =>
            string.Join(';', pairs.Select(pair => $"{Written(pair.Key)}:{Written(pair.Value)}")),
        IEnumerable<object?> items => $"[{string.Join(';', items.Select(Written))}]",
        double number => PythonNumber.Repr(number),
        JsonElement json => Written(json),
        _ => value.ToString()!,
    };

    private static string Written(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => string.Join(';', json.EnumerateObject().Select(p => $"'{p.Name}':{Written(p.Value)}")),
        JsonValueKind.Array => $"[{string.Join(';', json.EnumerateArray().Select(item => Written(item)))}]",
        JsonValueKind.String => $"'{json.GetString()}'",
        JsonValueKind.Null => "None",
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        _ => json.GetRawText(),
    };
}
