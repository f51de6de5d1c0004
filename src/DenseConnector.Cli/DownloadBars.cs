using Spectre.Console;

namespace DenseConnector.Cli;

/// <summary>One bar on the terminal for each file of a download.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="context">Where the bars are drawn.</param>
internal sealed class DownloadBars(ProgressContext context) : IProgress<DownloadProgress>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Repository, string File), ProgressTask> _bars = [];

    /// <inheritdoc/>
    public void Report(DownloadProgress value)
    {
        lock (_gate)
        {
            if (!_bars.TryGetValue((value.Repository, value.File), out ProgressTask? bar))
            {
                // An empty file has a bar that can be full, too.
                bar = context.AddTask(
                    Markup.Escape(value.File), autoStart: false, maxValue: Math.Max(1, value.TotalBytes));
                _bars.Add((value.Repository, value.File), bar);
            }

            if (value.State != DownloadState.Waiting && !bar.IsStarted)
            {
                bar.StartTask();
            }

            bar.Value = value.State == DownloadState.Complete ? bar.MaxValue : value.BytesDone;
        }
    }
}
