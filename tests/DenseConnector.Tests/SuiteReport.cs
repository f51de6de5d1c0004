using System.Collections.Concurrent;
using System.Globalization;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace DenseConnector.Tests;

/// <summary>
/// Counts what a golden-data suite really ran and prints it when the suite ends, so that an empty run cannot look like
/// a passed one. Used as a class fixture.
/// </summary>
public abstract class SuiteReport(string suite, IMessageSink messages) : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly ConcurrentDictionary<string, double> _worst = new();

    /// <summary>Adds to a counter, for example <c>("images", 1)</c>.</summary>
    public void Count(string what, long number = 1) => _counts.AddOrUpdate(what, number, (_, old) => old + number);

    /// <summary>
    /// Keeps the largest of the values reported under a name, for example <c>("relative error", 1e-6)</c>.
    /// </summary>
    public void Worst(string what, double value) => _worst.AddOrUpdate(what, value, (_, old) => Math.Max(old, value));

    public void Dispose()
    {
        IEnumerable<string> worst = _worst.Select(
            pair => string.Create(CultureInfo.InvariantCulture, $"largest {pair.Key} {pair.Value:G3}"));
        string counts = string.Join(", ", _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(
            pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value:N0} {pair.Key}")).Concat(worst));
        messages.OnMessage(new DiagnosticMessage($"Suite {suite}: {(counts.Length == 0 ? "nothing ran" : counts)}"));
        GC.SuppressFinalize(this);
    }
}
