using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace DenseConnector.Cli.Captioning;

/// <summary>
/// Shows how far a run is on the error stream: a bar with rate and remaining time on a terminal, a line for each tenth
/// elsewhere.
/// </summary>
/// <param name="total">How many pictures the run has.</param>
/// <param name="show">Shows a number of pictures done and a text about them.</param>
internal sealed class CaptionProgress(int total, Action<int, string> show)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _done;

    /// <summary>Counts one more picture.</summary>
    public void Advance()
    {
        _done++;
        double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        TimeSpan left = TimeSpan.FromSeconds(seconds / _done * (total - _done));
        show(_done, string.Create(
            CultureInfo.InvariantCulture,
            $"{_done} of {total} pictures, {_done / seconds:F1} per second, {left:h\\:mm\\:ss} left"));
    }

    /// <summary>Runs what advances.</summary>
    /// <param name="error">The error stream.</param>
    /// <param name="total">How many pictures the run has.</param>
    /// <param name="work">Calls <see cref="Advance"/> for each.</param>
    public static Task RunAsync(TextWriter error, int total, Func<CaptionProgress, Task> work)
    {
        if (!Terminal.IsSeen(error))
        {
            return work(new CaptionProgress(total, (done, text) =>
            {
                if (done * 10 / total > (done - 1) * 10 / total)
                {
                    error.WriteLine(text);
                }
            }));
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Progress()
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn())
            .StartAsync(context =>
            {
                ProgressTask bar = context.AddTask("starting", maxValue: total);
                return work(new CaptionProgress(total, (done, text) => (bar.Value, bar.Description) = (done, text)));
            });
    }
}
