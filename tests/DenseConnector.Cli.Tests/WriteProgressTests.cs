namespace DenseConnector.Cli.Tests;

public sealed class WriteProgressTests
{
    [Fact]
    public void Report_ManyParts_PrintsALineForEachTenth()
    {
        using StringWriter error = new();
        WriteProgress progress = new(error);

        foreach (long written in new[] { 1, 99, 100, 150, 450, 499, 1000 })
        {
            progress.Report(written * 1_000_000, 1_000_000_000);
        }

        Assert.Equal(
            ["10 % of 1.0 GB", "40 % of 1.0 GB", "100 % of 1.0 GB"],
            error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
