using DenseConnector.Cli.Evaluation.Reporting;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed class TextReportTests
{
    [Fact]
    public void Write_Table_HasColumnsInLine()
    {
        string[] lines = Write(["m", "b", "accuracy", "1", "2", "3", "4", "5", "s", "yes", "–"]);

        Assert.Equal(
            "Model  Benchmark  Metric    This run  Zoo  Difference  Answered  Failed  Settings  Official  Marks",
            lines[0]);
        Assert.Equal(
            "m      b          accuracy         1    2           3         4       5  s         yes       –",
            lines[1]);
    }

    [Fact]
    public void Write_ControlCharacters_DoNotReachTheTerminal()
    {
        string[] lines = Write(["a\n\u001b[31mb", "", "", "", "", "", "", "", "", "", ""]);

        Assert.Equal("a  [31mb", lines[1]);
        Assert.Equal(3, lines.Length);
    }

    private static string[] Write(params string[] cells) => TextReport.Write(new ReportTable([cells])).Split('\n');
}
