using DenseConnector.Cli.Evaluation.MmBench;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.MmBench;

/// <summary>The expected rows are what pandas 1.5 gives for the same text.</summary>
[Trait("Suite", "Evaluation")]
public sealed class MmBenchRowReaderTests
{
    [Theory]
    [InlineData("a\tb", "1:a|b")]
    [InlineData("a\tb\r\nc\rd\n", "1:a|b 2:c 3:d")]
    [InlineData("\"x\ny\"\tz\nw", "1:x\ny|z 3:w")]
    [InlineData("\"x\r\ny\rz\"\nw", "1:x\r\ny\rz 4:w")]
    [InlineData("x\"y\"z", "1:x\"y\"z")]
    [InlineData("\"x\"y", "1:xy")]
    [InlineData("\"x\"\"y\"", "1:x\"y")]
    [InlineData("\"x\" \ty", "1:x |y")]
    [InlineData("\"x\"\"\"\ty", "1:x\"|y")]
    [InlineData("\n  \n \t\n\na\n", "3: | 5:a")]
    [InlineData("\"\"\na", "1: 2:a")]
    [InlineData("  x\n", "1:  x")]
    [InlineData("a\n\t\n", "1:a 2:|")]
    [InlineData("\uFEFF\"a\"", "1:a")]
    [InlineData("", "")]
    public void Next_EveryRow_IsTakenApart(string text, string expected)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("x.tsv", System.Text.Encoding.UTF8.GetBytes(text));
        using MmBenchRowReader reader = new(file);
        List<string> rows = [];
        while (reader.Next() is MmBenchRow row)
        {
            rows.Add($"{row.Where.Split(' ')[^1]}:{string.Join('|', row.Fields)}");
        }

        Assert.Equal(expected, string.Join(' ', rows));
    }
}
