using System.Text.Json;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class ChatCommandTests
{
    [Fact]
    public async Task Chat_PipedLines_PrintsTheAnswersAlone()
    {
        ToolRun run = await ToolRun.RunWithInputAsync(
            [$"/image '{ToolRun.Picture}'", ToolRun.Question, string.Empty, "/reset", ToolRun.Question], "chat");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Empty(run.Error);
        string[] answers = run.Output.TrimEnd().Split(Environment.NewLine);
        Assert.Equal(2, answers.Length);
        Assert.Equal(ToolRun.Answer, answers[0]);
    }

    [Fact]
    public async Task Chat_BadPicture_SaysSoAndGoesOn()
    {
        ToolRun run = await ToolRun.RunWithInputAsync(
            ["/image nope.png", "/image", "/imgae x", ToolRun.Question], "chat", "--image", ToolRun.Picture);

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Equal(ToolRun.Answer + Environment.NewLine, run.Output);
        string[] errors = run.Error.TrimEnd().Split(Environment.NewLine);
        Assert.Equal(3, errors.Length);
        Assert.StartsWith("nope.png: does not exist", errors[0], StringComparison.Ordinal);
        Assert.Equal("/image needs a file: /image FILE.", errors[1]);
        Assert.Equal("There is no command '/imgae'; /help shows what there is.", errors[2]);
    }

    [Fact]
    public async Task Chat_Exit_LeavesTheRestUnread()
    {
        ToolRun run = await ToolRun.RunWithInputAsync(["/help", "/exit", ToolRun.Question], "chat");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains("/reset", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_Json_PrintsALineForEachAnswer()
    {
        ToolRun run = await ToolRun.RunWithInputAsync(
            [ToolRun.Question, ToolRun.Question], "chat", "--json", "-i", ToolRun.Picture);

        JsonElement[] lines =
        [
            .. run.Output.TrimEnd().Split(Environment.NewLine).Select(line => JsonDocument.Parse(line).RootElement),
        ];
        Assert.Equal(2, lines.Length);
        Assert.Equal(ToolRun.Answer, lines[0].GetProperty("text").GetString());
        Assert.True(lines[1].GetProperty("usage").GetProperty("cachedTokens").GetInt32() >= 112);
    }

    [Fact]
    public async Task Chat_Stats_GoToTheErrorStream()
    {
        ToolRun run = await ToolRun.RunWithInputAsync(
            [ToolRun.Question], "chat", "--stats", "-i", ToolRun.Picture);

        Assert.Equal(ToolRun.Answer + Environment.NewLine, run.Output);
        Assert.Matches(@"^\[prompt 112 tokens, 0 of them cached; .* answer 6 tokens, [\d.]+ tokens/s\]\s*$", run.Error);
    }

    [Fact]
    public async Task Chat_DialogueBeyondTheModel_SaysHowToGoOn()
    {
        string[] pictures = [.. Enumerable.Repeat($"/image {ToolRun.Picture}", 16)];

        ToolRun run = await ToolRun.RunWithInputAsync(
            [.. pictures, "Same?", "/reset", ToolRun.Question], "chat");

        Assert.Contains("1,024 of them visual", run.Error, StringComparison.Ordinal);
        Assert.Contains("/reset begins anew", run.Error, StringComparison.Ordinal);
        Assert.NotEmpty(run.Output);
    }

    [Fact]
    public async Task Chat_FirstPictureBad_EndsBeforeLoading()
    {
        ToolRun run = await ToolRun.RunWithInputAsync([], "chat", "--image", "nope.png", "-m", "no-such-model");

        run.FailedWith(ExitCode.Failure, "nope.png: does not exist");
    }

    [UnixFact]
    public async Task Chat_TwoInterruptsAtThePrompt_EndIt()
    {
        using ToolProcess tool = ToolProcess.Talking("chat", "--image", ToolRun.Picture);
        Assert.Equal(ToolRun.Answer, await tool.AskAsync(ToolRun.Question));

        tool.Interrupt();
        Assert.StartsWith("Ctrl+C again", await tool.ReadErrorAsync(), StringComparison.Ordinal);
        Assert.NotEmpty((await tool.AskAsync(ToolRun.Question))!);
        tool.Interrupt();
        Assert.StartsWith("Ctrl+C again", await tool.ReadErrorAsync(), StringComparison.Ordinal);
        tool.Interrupt();

        (int code, string output, string errors) = await tool.EndAsync();
        Assert.Equal(ExitCode.Cancelled, code);
        Assert.Empty(output);
        Assert.Equal("denseconnector: cancelled.", errors.Trim());
    }
}
