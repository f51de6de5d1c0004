namespace DenseConnector.Cli.Tests;

public sealed class ToolTests
{
    [Fact]
    public async Task RunAsync_NoCommand_SaysSo()
    {
        ToolRun run = await ToolRun.RunAsync();

        run.FailedWith(ExitCode.Usage, "There is no command", "'denseconnector --help'");
    }

    [Fact]
    public async Task RunAsync_UnknownCommand_NamesIt()
    {
        ToolRun run = await ToolRun.RunAsync("describe", "picture.png");

        run.FailedWith(ExitCode.Usage, "There is no command 'describe'", "'denseconnector --help'");
    }

    [Theory]
    [InlineData("ask", "What?", "--imgae", "a.png")]
    [InlineData("ask", "--imgae", "a.png")]
    [InlineData("ask", "--imgae")]
    [InlineData("inspect", "--imgae")]
    [InlineData("inspect", "--imgae", "cpu")]
    [InlineData("doctor", "--imgae")]
    public async Task RunAsync_UnknownOption_NamesIt(string command, params string[] words)
    {
        ToolRun run = await ToolRun.RunAsync([command, .. words]);

        run.FailedWith(ExitCode.Usage, "There is no option '--imgae'", $"'denseconnector {command} --help'");
    }

    [Fact]
    public async Task RunAsync_QuestionWithoutQuotes_TellsToQuote()
    {
        ToolRun run = await ToolRun.RunAsync("ask", "How", "many", "things", "--image", ToolRun.Picture);

        run.FailedWith(ExitCode.Usage, "'many' is one word too many", "needs quotes");
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("ask", "--help")]
    [InlineData("inspect", "--help")]
    [InlineData("doctor", "-h")]
    public async Task RunAsync_Help_PrintsTheUsageAlone(params string[] arguments)
    {
        ToolRun run = await ToolRun.RunAsync(arguments);

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Contains("Usage:", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task RunAsync_Help_ListsTheCommands()
    {
        ToolRun run = await ToolRun.RunAsync("--help");

        Assert.All(
            ["ask", "inspect", "doctor"],
            command => Assert.Contains($"  {command} ", run.Output, StringComparison.Ordinal));
    }
}
