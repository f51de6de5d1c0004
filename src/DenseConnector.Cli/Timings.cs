using System.Diagnostics;

namespace DenseConnector.Cli;

/// <summary>How long an answer took, and how much memory.</summary>
/// <param name="LoadSeconds">Until the model was loaded.</param>
/// <param name="FirstTokenSeconds">From the question to the first token: vision, prefill and one step.</param>
/// <param name="TokensPerSecond">Of the tokens after the first; <c>null</c> if there are none.</param>
/// <param name="PeakMemoryBytes">The most physical memory this process has had.</param>
internal sealed record Timings(
    double LoadSeconds, double FirstTokenSeconds, double? TokensPerSecond, long PeakMemoryBytes)
{
    /// <summary>Makes the record at the end of an answer.</summary>
    public static Timings Of(TimeSpan load, TimeSpan first, TimeSpan whole, int tokens)
    {
        using Process process = Process.GetCurrentProcess();
        return new Timings(
            Round(load.TotalSeconds),
            Round(first.TotalSeconds),
            tokens > 1 ? Round((tokens - 1) / (whole - first).TotalSeconds) : null,
            process.PeakWorkingSet64);
    }

    private static double Round(double value) => Math.Round(value, 3);
}
