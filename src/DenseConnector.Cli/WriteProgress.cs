using System.Globalization;

namespace DenseConnector.Cli;

/// <summary>Tells how far files have been written: a line for each tenth.</summary>
/// <param name="error">Gets the lines.</param>
internal sealed class WriteProgress(TextWriter error)
{
    private int _tenths;

    /// <summary>Takes note of the bytes written and the bytes of all.</summary>
    public void Report(long written, long total)
    {
        int now = (int)(written * 10 / total);
        if (now > _tenths)
        {
            _tenths = now;
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{now * 10} % of {total / 1e9:F1} GB"));
        }
    }
}
