using System.Diagnostics;
using System.Globalization;

namespace DenseConnector.Cli;

/// <summary>Takes the time of an answer as it passes by.</summary>
internal sealed class AnswerMeter
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan? _first;
    private TimeSpan _whole;
    private TokenUsage? _usage;

    /// <summary>Passes the updates of an answer on.</summary>
    public async IAsyncEnumerable<GenerationUpdate> Watch(IAsyncEnumerable<GenerationUpdate> updates)
    {
        await foreach (GenerationUpdate update in updates)
        {
            _whole = Stopwatch.GetElapsedTime(_start);
            _first ??= _whole;
            _usage = update.Usage;
            yield return update;
        }
    }

    /// <summary>The figures of an answer that has ended.</summary>
    /// <param name="load">How long the model took to load.</param>
    public Timings Read(TimeSpan load) => Timings.Of(load, _first ?? _whole, _whole, _usage?.GeneratedTokens ?? 0);

    /// <summary>Prints the figures for people, if the answer has ended.</summary>
    public void Print(TextWriter error)
    {
        if (_usage is not TokenUsage usage)
        {
            return;
        }

        Timings timings = Read(TimeSpan.Zero);
        string rate = timings.TokensPerSecond is double perSecond
            ? string.Create(CultureInfo.InvariantCulture, $", {perSecond:F1} tokens/s")
            : string.Empty;
        error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"[prompt {usage.PromptTokens} tokens, {usage.CachedTokens} of them cached; first token after " +
            $"{timings.FirstTokenSeconds:F2} s; answer {usage.GeneratedTokens} tokens{rate}]"));
    }
}
