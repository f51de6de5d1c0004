using System.Text.Json;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class NormalFormCTests
{
    [Fact]
    public void Normalize_RecordedTexts_EqualPythons()
    {
        Mismatches mismatches = new();
        foreach (JsonElement line in Golden.Lines(Path.Combine(TestData.Fixtures, "nfc.jsonl")).Skip(1))
        {
            string text = line.GetProperty("text").GetString()!, expected = line.GetProperty("nfc").GetString()!;
            string? found = NormalFormC.Normalize(text, out List<Range> origins);
            mismatches.Compare("NFC", text, expected, found ?? text);
            Assert.Equal(text == expected, found is null);
            Assert.Equal(found?.Length ?? origins.Count, origins.Count);
            Assert.Null(NormalFormC.Normalize(expected, out _));
        }

        mismatches.AssertNone();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Hello, w\u00f6rld")]
    [InlineData("\u4f60\u597d \ud83d\ude00")]
    public void Normalize_NormalText_GivesNull(string text) => Assert.Null(NormalFormC.Normalize(text, out _));

    [Fact]
    public void Normalize_MarkAfterLetter_SaysWhereItCameFrom()
    {
        Assert.Equal("a\u00e9\u4f60b", NormalFormC.Normalize("ae\u0301\u4f60b", out List<Range> origins));
        Assert.Equal([0..1, 1..4, 1..4, 4..5], origins);
    }
}
