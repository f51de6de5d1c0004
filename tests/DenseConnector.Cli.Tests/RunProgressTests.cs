namespace DenseConnector.Cli.Tests;

public sealed class RunProgressTests
{
    [Theory]
    [InlineData(1, 60, 0.5, "1 of 60 pictures, 2.0 per second, 0:00:29 left")]
    [InlineData(3, 4, 90, "3 of 4 pictures, 2.0 per minute, 0:00:30 left")]
    [InlineData(1, 31, 7200, "1 of 31 pictures, 0.5 per hour, 60:00:00 left")]
    [InlineData(60, 60, 61, "60 of 60 pictures, 59.0 per minute, 0:01:01 in all")]
    public void Describe_RunsOfAllSpeeds_SaysRateAndTime(int done, int total, double seconds, string expected) =>
        Assert.Equal(expected, RunProgress.Describe(done, total, "pictures", TimeSpan.FromSeconds(seconds)));

    [Fact]
    public async Task RunAsync_NoTerminal_WritesALineForEachTenth()
    {
        using StringWriter error = new();

        await RunProgress.RunAsync(error, "questions", 40, progress =>
        {
            for (int i = 0; i < 40; i++)
            {
                progress.Advance("half right");
            }

            return Task.CompletedTask;
        });

        string[] lines = error.ToString().TrimEnd().Split('\n');
        Assert.Equal(10, lines.Length);
        Assert.StartsWith("4 of 40 questions, ", lines[0], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.EndsWith(", half right", line.TrimEnd(), StringComparison.Ordinal));
    }
}
