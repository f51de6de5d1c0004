using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace DenseConnector.Cli;

/// <summary>
/// Shows how far a run is on the error stream: a bar with rate and remaining time on a terminal, a line for each tenth
/// elsewhere.
/// </summary>
/// <param name="unit">What is counted, such as pictures.</param>
/// <param name="total">How many of them the run has.</param>
/// <param name="show">Shows how many are done and a text about them.</param>
internal sealed class RunProgress(string unit, int total, Action<int, string> show)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _done;

    /// <summary>Counts one more.</summary>
    /// <param name="note">What else is to be seen.</param>
    public void Advance(string note = "")
    {
        _done++;
        double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        TimeSpan left = TimeSpan.FromSeconds(seconds / _done * (total - _done));
        show(_done, string.Create(
            CultureInfo.InvariantCulture,
            $"{_done} of {total} {unit}, {_done / seconds:F1} per second, {left:h\\:mm\\:ss} left") +
            (note.Length == 0 ? string.Empty : ", " + note));
    }

    /// <summary>Runs what advances.</summary>
    /// <param name="error">The error stream.</param>
    /// <param name="unit">What is counted.</param>
    /// <param name="total">How many of them the run has.</param>
    /// <param name="work">Calls <see cref="Advance"/> for each.</param>
    public static Task RunAsync(TextWriter error, string unit, int total, Func<RunProgress, Task> work)
    {
        if (!Terminal.IsSeen(error))
        {
            return work(new RunProgress(unit, total, (done, text) =>
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
                return work(new RunProgress(unit, total, (done, text) => (bar.Value, bar.Description) = (done, text)));
            });
    }
}
