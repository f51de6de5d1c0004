using System.Globalization;

namespace DenseConnector.Cli;

/// <summary>Plain lines for a download: a file's end, and every tenth of a large file, for logs.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="output">Where the lines go.</param>
internal sealed class DownloadLines(TextWriter output) : IProgress<DownloadProgress>
{
    private const long LargeFile = 64 << 20;
    private const int Steps = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Repository, string File), int> _steps = [];

    /// <inheritdoc/>
    public void Report(DownloadProgress value)
    {
        lock (_gate)
        {
            if (value.State == DownloadState.Complete)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{value.Repository}: {value.File} ({value.TotalBytes:N0} bytes)"));
                return;
            }

            int step = value.TotalBytes < LargeFile ? 0 : (int)(value.BytesDone * (double)Steps / value.TotalBytes);
            if (step > _steps.GetValueOrDefault((value.Repository, value.File)))
            {
                _steps[(value.Repository, value.File)] = step;
                output.WriteLine($"{value.Repository}: {value.File} {step * 100 / Steps}%");
            }
        }
    }
}
