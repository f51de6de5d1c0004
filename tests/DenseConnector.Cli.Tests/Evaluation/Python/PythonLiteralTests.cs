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

    /// <summary>The table that <c>python-literals.py</c> wrote.</summary>
    [Fact]
    public void Parse_EveryTextOfTheTable_IsWhatPythonMakesOfIt()
    {
        string[] lines = File.ReadAllLines(Path.Combine(ToolRun.Root, "tests", "Fixtures", "python-literals.jsonl"));
        Assert.True(lines.Length > 200);
        List<string> differences = [];
        JsonDocumentOptions deep = new() { MaxDepth = 1000 };
        foreach (JsonElement row in lines.Select(line => JsonElement.Parse(line, deep)))
        {
            string text = row.Text("text");
            string expected = Expected(row.GetProperty("value"));
            string found = Found(text);
            if (found != expected)
            {
                differences.Add($"{JsonSerializer.Serialize(text)}: expected {expected}, found {found}");
            }
        }

        Assert.Empty(differences);
    }

    [Theory]
    [InlineData(@"['it\'s ""both""', 'tab\\t']", "[\"it's \\u0022both\\u0022\", \"tab\\\\t\"]")]
    [InlineData(@"'\x41\u00e9\101\q'", "\"A\u00e9A\\\\q\"")]
    [InlineData(@"'\1014\08'", "\"A4\\u00008\"")]
    [InlineData(@"r'\n'", "\"\\\\n\"")]
    [InlineData("(1,)", "[1]")]
    [InlineData("(1)", "1")]
    [InlineData("0x1F", "31")]
    public void Parse_OtherForms_AreRead(string literal, string json) =>
        Assert.Equal(Written(JsonElement.Parse(json)), Written(PythonLiteral.Parse(literal)));

    [Fact]
    public void Parse_HalfAPairOfSurrogates_IsKept() =>
        Assert.Equal("\ud800", PythonLiteral.Parse(@"'\U0000d800'"));

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

    // By its units, so that a message shows what cannot be seen.
    private static string Units(string text) => string.Join(' ', text.Select(unit => $"{(int)unit:x}"));

    private static string Found(string text)
    {
        try
        {
            return Described(PythonLiteral.Parse(text));
        }
        catch (FormatException)
        {
            return "refused";
        }
    }

    private static string Described(object? value) => value switch
    {
        string text => $"text {Units(text)}",
        null => "name None",
        bool truth => $"name {truth}",
        double number => $"float {PythonNumber.Repr(number)}",
        List<KeyValuePair<object?, object?>> pairs =>
            $"dict {string.Join(';', pairs.Select(pair => $"{Described(pair.Key)}:{Described(pair.Value)}"))}",
        List<object?> items => $"list({string.Join(';', items.Select(Described))})",
        object?[] items => $"tuple({string.Join(';', items.Select(Described))})",
        _ => $"whole {value}",
    };

    /// <summary>What is expected; values of other kinds, wherever they stand, are refused here.</summary>
    private static string Expected(JsonElement value)
    {
        string expected = value.ValueKind == JsonValueKind.Null ? "refused" : Recorded(value);
        return expected.Contains("other ", StringComparison.Ordinal) ? "refused" : expected;
    }

    private static string Recorded(JsonElement value)
    {
        string kind = value[0].GetString()!;
        JsonElement content = value[1];
        return kind switch
        {
            "text" => $"text {Units(content.GetString()!)}",
            "list" or "tuple" => $"{kind}({string.Join(';', content.EnumerateArray().Select(Recorded))})",
            "dict" => $"dict {string.Join(';', content.EnumerateArray().Select(
                pair => $"{Recorded(pair[0])}:{Recorded(pair[1])}"))}",
            _ => $"{kind} {content.GetString()}",
        };
    }
}
