using DenseConnector.Cli.Evaluation.Reporting;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed class ReportTableTests
{
    [Fact]
    public void Of_OfficialRun_ShowsScoreAndDifference()
    {
        using ReportFolder folder = new();

        Assert.Equal(
            [
                "dense-connector-v1.5-7b", "TextVQA", "accuracy", "62.25", "62.6", "-0.35", "200/200", "0",
                "greedy, at most 128 tokens; float32", "yes", "–",
            ],
            Assert.Single(ReportTable.Of([folder.Row]).Rows));
    }

    [Fact]
    public void Of_BetterRun_ShowsThePlus()
    {
        using ReportFolder worse = new();
        using ReportFolder folder = new() { Score = worse.Score with { Value = 62.75 } };

        Assert.Equal("+0.15", ReportTable.Of([folder.Row]).Rows[0][5]);
    }

    [Fact]
    public void Of_RunThatDoesNotCompare_SaysSo()
    {
        using ReportFolder whole = new();
        using ReportFolder folder = new()
        {
            Run = whole.Run with { IsOfficial = false },
            Score = whole.Score with { Answered = 5, Value = null, Metric = null },
        };

        Assert.Equal(
            [
                "dense-connector-v1.5-7b", "TextVQA", "–", "(61.50 so far)", "62.6", "not comparable", "5/200", "0",
                "greedy, at most 128 tokens; float32", "NO",
                "incomplete: 5 of 200 answered; not the official settings",
            ],
            Assert.Single(ReportTable.Of([folder.Row]).Rows));
    }

    [Fact]
    public void Of_CompleteRunThatOthersScore_DoesNotCallItsMeanOfficial()
    {
        using ReportFolder scored = new();
        using ReportFolder folder = new() { Score = scored.Score with { Value = null } };

        Assert.Equal("(61.50 unofficial)", ReportTable.Of([folder.Row]).Rows[0][3]);
    }
}
