using CsCheck;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class StreamingReplacerTests
{
    [Fact]
    public void Append_PartsOfPattern_AreHeldBack()
    {
        StreamingReplacer replacer = new(" ' ", "'");

        Assert.Equal("a", replacer.Append("a "));
        Assert.Equal(string.Empty, replacer.Append("'"));
        Assert.Equal("'b", replacer.Append(" b"));
        Assert.Equal(string.Empty, replacer.Append(" '"));
        Assert.Equal(" '", replacer.Flush());
        Assert.Equal(string.Empty, replacer.Flush());
    }

    [Fact]
    public void Append_AnyParts_GiveTheReplacementOfTheWhole()
    {
        string[] patterns = [" .", " ' ", " n't", " 've", "aa", "aba"];
        Gen<char[][]> texts = Gen.Char[" .'ntveab"].Array[0, 6].Array[0, 8];
        Gen.Select(Gen.Int[0, patterns.Length - 1], texts).Sample((which, parts) =>
        {
            StreamingReplacer replacer = new(patterns[which], "_");
            string found = string.Concat(parts.Select(part => replacer.Append(new string(part)))) + replacer.Flush();

            string whole = string.Concat(parts.Select(part => new string(part)));
            Assert.Equal(whole.Replace(patterns[which], "_", StringComparison.Ordinal), found);
        });
    }

    [Fact]
    public void Cleaner_Text_IsThatOfTransformers()
    {
        SpaceCleaner cleaner = new();

        string found = string.Concat(
            "Well , it 's do n't I 'm we 've you 're ' x ' yes !".Select(c => cleaner.Append(c.ToString())));

        Assert.Equal("Well, it's don't I'm we've you're'x'yes!", found + cleaner.Flush());
    }

    [Fact]
    public void Cleaner_AnyParts_GiveTheCleanUpOfTheWhole() =>
        Gen.Char[" .?!,'ntmsvre"].Array[0, 5].Array[0, 8].Sample(parts =>
        {
            SpaceCleaner cleaner = new();
            string found = string.Concat(parts.Select(part => cleaner.Append(new string(part)))) + cleaner.Flush();

            Assert.Equal(CleanUp(string.Concat(parts.Select(part => new string(part)))), found);
        });

    private static string CleanUp(string text) => text
        .Replace(" .", ".").Replace(" ?", "?").Replace(" !", "!").Replace(" ,", ",").Replace(" ' ", "'")
        .Replace(" n't", "n't").Replace(" 'm", "'m").Replace(" 's", "'s").Replace(" 've", "'ve").Replace(" 're", "'re");
}
