using System.Text.Json;
using DenseConnector.Cli.Tests.Evaluation.Video;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class EvaluateVideoCommandTests : IDisposable
{
    private const string Questions =
        """
        [{"Q1": "What is it?", "Q2": "Which thing is shown?", "A": "a star", "video_name": "there"},
         {"Q1": "What colour?", "Q2": "Which colour?", "A": "black", "video_name": "missing"},
         {"Q1": "How many?", "Q2": "What number?", "A": "one", "video_name": "there"}]
        """;

    private readonly TemporaryFolder _data = new();
    private readonly TemporaryFolder _output = new();

    private string Answers => Path.Combine(_output.Path, "answers.jsonl");

    [FfmpegFact]
    public async Task Eval_QuestionsInTwoWordings_AnswersBothAndGoesOn()
    {
        File.WriteAllText(Path.Combine(_data.Path, "consistency_qa.json"), Questions);
        Directory.CreateDirectory(Path.Combine(_data.Path, "videos"));
        await TestVideo.WriteAsync(Path.Combine(_data.Path, "videos", "there.mkv"), frames: 9);

        ToolRun run = await RunAsync();

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Contains("1 of 3 questions lack their video", run.Error, StringComparison.Ordinal);
        Assert.Contains("the answers are not judged", run.Output, StringComparison.Ordinal);
        string[] lines = File.ReadAllLines(Answers);
        Assert.Equal(
            ["What is it?", "How many?"],
            lines.Select(line => JsonElement.Parse(line).GetProperty("Q1").GetString()));
        Assert.All(lines, line => Assert.Equal(
            ["Q1", "Q2", "A", "video_name", "pred1", "pred2"],
            JsonElement.Parse(line).EnumerateObject().Select(field => field.Name)));

        File.WriteAllText(Answers, lines[0] + "\n" + lines[1][..40]);
        ToolRun again = await RunAsync();

        Assert.Contains("1 questions answered", again.Error, StringComparison.Ordinal);
        Assert.Equal(lines, File.ReadAllLines(Answers));
    }

    [Fact]
    public async Task Eval_NoProgramOnThePath_SaysSoBeforeAModelIsLoaded() =>
        await FailsForAsync("ffprobe", string.Empty);

    [UnixFact]
    public async Task Eval_OneProgramOnThePath_MissesTheOther()
    {
        using TemporaryFolder programs = new();
        File.CreateSymbolicLink(Path.Combine(programs.Path, "ffprobe"), "/bin/sh");

        await FailsForAsync("ffmpeg", programs.Path);
    }

    public void Dispose()
    {
        _data.Dispose();
        _output.Dispose();
    }

    private async Task FailsForAsync(string program, string path)
    {
        File.WriteAllText(Path.Combine(_data.Path, "consistency_qa.json"), Questions);
        Directory.CreateDirectory(Path.Combine(_data.Path, "videos"));
        File.WriteAllText(Path.Combine(_data.Path, "videos", "there.mkv"), string.Empty);
        using ToolProcess tool = ToolProcess.WithVariables(
            [("PATH", path)],
            "eval", "video-consistency", "--data", _data.Path, "--output", _output.Path, "--model", "/nowhere");

        (int code, _, string errors) = await tool.EndAsync();

        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains($"denseconnector: Videos are read with {program}, which", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("/nowhere", errors, StringComparison.Ordinal);
    }

    private Task<ToolRun> RunAsync() => ToolRun.RunAsync(
        "eval", "video-consistency", "--data", _data.Path, "--output", _output.Path, "--precision", "float32");
}
