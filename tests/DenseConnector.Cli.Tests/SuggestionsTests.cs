namespace DenseConnector.Cli.Tests;

public sealed class SuggestionsTests
{
    [Theory]
    [InlineData("", "chat")]
    [InlineData("ch", "chat")]
    [InlineData("ask --m", "--model")]
    [InlineData("ask --json --m", "--model")]
    [InlineData("ask --image a.png --m", "--model")]
    [InlineData("ask --precision ", "bfloat16")]
    [InlineData("bench --parts V", "vision")]
    [InlineData("completion ", "pwsh")]
    public async Task Find_UnfinishedLine_OffersWhatFits(string line, string word) =>
        Assert.Contains(word, await OffersAsync(line, line.Length));

    [Theory]
    [InlineData("ask --m", "--json")]
    [InlineData("ask --precision ", "--json")]
    [InlineData("ask --model ", "--json")]
    [InlineData("", "-?")]
    public async Task Find_UnfinishedLine_LeavesOutTheRest(string line, string word) =>
        Assert.DoesNotContain(word, await OffersAsync(line, line.Length));

    [Fact]
    public async Task Find_PlaceBeforeTheEnd_CompletesThere() =>
        Assert.Equal(["models"], await OffersAsync("mo --json", 2));

    [Fact]
    public async Task Find_PlaceOutside_IsTheEnd() =>
        Assert.Equal(["models"], await OffersAsync("mo", 99));

    private static async Task<string[]> OffersAsync(string line, int place)
    {
        ToolRun run = await ToolRun.RunAsync($"[suggest:{place}]", line);
        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Empty(run.Error);
        return run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
