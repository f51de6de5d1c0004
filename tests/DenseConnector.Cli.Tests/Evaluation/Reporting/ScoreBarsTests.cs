using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Reporting;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed class ScoreBarsTests
{
    [Fact]
    public void Draw_Percents_AreLengthsOfBars()
    {
        string html = ScoreBars.Draw("subject", [new("subject", "cats", 62.5, 1200), new("subject", "dogs", 0, 3)]);

        Assert.Contains("By subject <small>bars from 0 to 100", html, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"cats 62.5; dogs 0.0\"", html, StringComparison.Ordinal);
        Assert.Contains("y=\"21\" width=\"62.50%\"", html, StringComparison.Ordinal);
        Assert.Contains("y=\"61\" width=\"0.00%\"", html, StringComparison.Ordinal);
        Assert.Contains(">cats <tspan class=\"soft\">1,200</tspan>", html, StringComparison.Ordinal);
        Assert.Contains(">62.5</text>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_ScoresAbove100_HaveALongerAxis()
    {
        string html = ScoreBars.Draw("task", [new("task", "OCR", 150, 40)]);

        Assert.Contains("bars from 0 to 200", html, StringComparison.Ordinal);
        Assert.Contains("width=\"75.00%\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_ScoreBelow0_HasABarOfNoLength()
    {
        string html = ScoreBars.Draw("category", [new("category", "conv", -10, 3)]);

        Assert.Contains("class=\"bar\" y=\"21\" width=\"0.00%\"", html, StringComparison.Ordinal);
        Assert.Contains(">-10.0</text>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_Names_AreEncodedAndCut()
    {
        string html = ScoreBars.Draw("<i>", [new("<i>", "<b>\"" + new string('x', 40), 1, 1)]);

        Assert.Contains("By &lt;i&gt;", html, StringComparison.Ordinal);
        Assert.Contains($">&lt;b&gt;&quot;{new string('x', 27)}&#x2026; <tspan", html, StringComparison.Ordinal);
        Assert.Contains($"<title>&lt;b&gt;&quot;{new string('x', 40)}: 1.00</title>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30, false)]
    [InlineData(31, true)]
    public void Draw_ManyBars_FoldsThoseBehind30(int count, bool folds)
    {
        ScoreGroup[] groups = [.. Enumerable.Range(0, count).Select(i => new ScoreGroup("k", $"name-{i}", i, 1))];

        string html = ScoreBars.Draw("k", groups);

        Assert.Equal(count, html.Split("class=\"bar\"").Length - 1);
        Assert.Equal(folds, html.Contains("<summary>1 more</summary>", StringComparison.Ordinal));
        Assert.Equal(30, html.Split("<details>")[0].Split("class=\"bar\"").Length - 1);
    }
}
