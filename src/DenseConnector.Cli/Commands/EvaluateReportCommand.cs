using System.CommandLine;
using System.Text.Json;
using DenseConnector.Cli.Evaluation.Reporting;

namespace DenseConnector.Cli.Commands;

/// <summary><c>denseconnector eval report</c>: runs beside the zoo's published scores.</summary>
internal sealed class EvaluateReportCommand
{
    private readonly Argument<string[]> _folders = new("folders")
    {
        Description = "Output folders of 'eval', a row of the table for each.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _markdown = FileOption("--markdown", "Write the table as Markdown.");
    private readonly Option<string?> _csv = FileOption("--csv", "Write the table as CSV.");
    private readonly Option<string?> _html = FileOption(
        "--html", "Write a page with the table, plots and all questions, answers and pictures to browse.");

    private readonly Option<bool> _json = new("--json") { Description = "Print the table as one JSON array." };

    private EvaluateReportCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        EvaluateReportCommand report = new();
        Command command = new("report", "Compare runs with the published scores of the zoo.")
        {
            report._folders, report._markdown, report._csv, report._html, report._json,
        };
        command.SetAction(report.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ReportRun[] runs = [.. parsed.GetValue(_folders)!.Select(ReportRun.Read)];
        ReportRow[] rows = [.. runs.Select(ReportRow.Of)];
        ReportTable table = ReportTable.Of(rows);
        if (parsed.GetValue(_markdown) is string markdown)
        {
            await File.WriteAllTextAsync(markdown, MarkdownReport.Write(table), cancellation);
        }

        if (parsed.GetValue(_csv) is string csv)
        {
            await File.WriteAllTextAsync(csv, CsvReport.Write(rows), cancellation);
        }

        if (parsed.GetValue(_html) is string html)
        {
            await File.WriteAllTextAsync(html, await HtmlReport.WriteAsync(runs, table, cancellation), cancellation);
        }

        await parsed.InvocationConfiguration.Output.WriteAsync(
            parsed.GetValue(_json)
                ? JsonSerializer.Serialize(rows, ToolJson.Options) + "\n"
                : TextReport.Write(table));
        return ExitCode.Success;
    }

    private static Option<string?> FileOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "file",
        Validators = { Parsing.RequireText },
    };
}
