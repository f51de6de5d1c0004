using System.Text.Json;
using DenseConnector.Cli.Tests.Evaluation.Reporting;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class EvaluateReportCommandTests
{
    [Fact]
    public async Task Report_Folders_PrintsARowForEach()
    {
        using ReportFolder first = new();
        using ReportFolder second = new() { Run = first.Run with { Model = "mine" } };
        first.Write();
        second.Write();

        ToolRun run = await ToolRun.RunAsync("eval", "report", first.Path, second.Path);

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Empty(run.Error);
        string[] lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Matches("^dense-connector-v1.5-7b +TextVQA +accuracy +62.25 +62.6 +-0.35 +200/200 +0 ", lines[1]);
        Assert.Matches("^mine +TextVQA +accuracy +62.25 +– +– +200/200 +0 ", lines[2]);
    }

    [Fact]
    public async Task Report_Files_WritesThem()
    {
        using ReportFolder folder = new();
        folder.Write();
        string markdown = folder.PathOf("report.md");
        string csv = folder.PathOf("report.csv");
        string html = folder.PathOf("report.html");

        ToolRun run = await ToolRun.RunAsync(
            "eval", "report", folder.Path, "--markdown", markdown, "--csv", csv, "--html", html);

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.StartsWith("| Model |", await File.ReadAllTextAsync(markdown), StringComparison.Ordinal);
        Assert.StartsWith("model,benchmark,", await File.ReadAllTextAsync(csv), StringComparison.Ordinal);
        Assert.StartsWith("<!doctype html>", await File.ReadAllTextAsync(html), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_Json_HasTheFacts()
    {
        using ReportFolder folder = new();
        folder.Write();

        ToolRun run = await ToolRun.RunAsync("eval", "report", folder.Path, "--json");

        JsonElement row = Assert.Single(JsonElement.Parse(run.Output).EnumerateArray());
        Assert.Equal(
            [
                "folder", "model", "benchmark", "metric", "score", "runningScore", "published", "questions",
                "answered", "failed", "settings", "isOfficial", "marks", "isComplete", "isComparable", "difference",
            ],
            row.EnumerateObject().Select(property => property.Name));
        Assert.Equal(-0.35, row.GetProperty("difference").GetDouble());
    }

    [Fact]
    public async Task Report_FolderOfNoRun_WritesNothing()
    {
        using ReportFolder folder = new();
        folder.Write();
        string markdown = folder.PathOf("report.md");

        ToolRun run = await ToolRun.RunAsync("eval", "report", folder.Path, "nowhere", "--markdown", markdown);

        run.FailedWith(ExitCode.Failure, "'nowhere' is no folder: expected the output folder of 'eval'.");
        Assert.False(File.Exists(markdown));
    }

    [Fact]
    public async Task Report_DamagedItems_NamesTheLine()
    {
        using ReportFolder folder = new();
        folder.Write();
        await File.WriteAllTextAsync(folder.PathOf("items.jsonl"), "{\n");

        ToolRun run = await ToolRun.RunAsync("eval", "report", folder.Path, "--html", folder.PathOf("report.html"));

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("items.jsonl: line 1 is no record of a question", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_NoFolder_IsAWrongCommandLine()
    {
        ToolRun run = await ToolRun.RunAsync("eval", "report");

        run.FailedWith(ExitCode.Usage, "Required argument 'folders'");
    }
}
