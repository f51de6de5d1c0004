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
    private const int WidthWithBar = 100;

    private readonly long _start = Stopwatch.GetTimestamp();
    private int _done;

    /// <summary>Counts one more.</summary>
    /// <param name="note">What else is to be seen.</param>
    public void Advance(string note = "")
    {
        _done++;
        show(_done, Describe(_done, total, unit, Stopwatch.GetElapsedTime(_start)) +
            (note.Length == 0 ? string.Empty : ", " + note));
    }

    /// <summary>How far a run is: its rate, and how long it goes on or, in the end, took.</summary>
    /// <param name="done">How many are done, at least one.</param>
    /// <param name="total">How many there are.</param>
    /// <param name="unit">What is counted.</param>
    /// <param name="elapsed">How long it took so far.</param>
    internal static string Describe(int done, int total, string unit, TimeSpan elapsed)
    {
        double perSecond = done / elapsed.TotalSeconds;
        (double rate, string time) = perSecond switch
        {
            >= 1 => (perSecond, "second"),
            >= 1 / 60.0 => (perSecond * 60, "minute"),
            _ => (perSecond * 3600, "hour"),
        };
        TimeSpan span = done < total ? elapsed / done * (total - done) : elapsed;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{done} of {total} {unit}, {rate:F1} per {time}, " +
            $"{(long)span.TotalHours}:{span:mm\\:ss} {(done < total ? "left" : "in all")}");
    }

    /// <summary>Runs what advances.</summary>
    /// <param name="error">The error stream.</param>
    /// <param name="unit">What is counted.</param>
    /// <param name="total">How many of them the run has.</param>
    /// <param name="work">Calls <see cref="Advance"/> for each.</param>
    public static Task RunAsync(TextWriter error, string unit, int total, Func<RunProgress, Task> work)
    {
        if (!Terminal.IsSeen(error) || total == 0)
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

        // On a narrow terminal the text has all of it: a bar beside it would be a few cells wide.
        TaskDescriptionColumn text = new() { Alignment = Justify.Left };
        return console.Progress()
            .Columns(console.Profile.Width < WidthWithBar
                ? [text]
                : [new ProgressBarColumn(), new PercentageColumn(), text])
            .StartAsync(context =>
            {
                ProgressTask bar = context.AddTask("starting", maxValue: total);
                return work(new RunProgress(unit, total, (done, text) =>
                    (bar.Value, bar.Description) = (done, Markup.Escape(text))));
            });
    }
}
