using Spectre.Console;

namespace DenseConnector.Cli;

/// <summary>Shows downloads on the error stream: a bar for each file on a terminal, plain lines elsewhere.</summary>
internal static class DownloadDisplay
{
    /// <summary>Runs what may download, and shows its progress.</summary>
    /// <param name="error">The error stream.</param>
    /// <param name="work">Gets where to report; several tasks may report at once.</param>
    public static Task<T> RunAsync<T>(TextWriter error, Func<IProgress<DownloadProgress>, Task<T>> work) =>
        Terminal.IsSeen(error)
            ? RunOnTerminalAsync(error, work)
            : work(new DownloadLines(error));

    private static Task<T> RunOnTerminalAsync<T>(TextWriter error, Func<IProgress<DownloadProgress>, Task<T>> work)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new DownloadedColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn())
            .StartAsync(context => work(new DownloadBars(context)));
    }
}
