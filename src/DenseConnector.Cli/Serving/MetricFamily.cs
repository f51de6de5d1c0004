using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace DenseConnector.Cli.Serving;

/// <summary>
/// One instrument in Prometheus' terms: a counter, a gauge or a histogram, a series for each set of tags.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class MetricFamily
{
    /// <summary>Upper borders of the histograms' buckets, in seconds: from a cached page to a long answer.</summary>
    private static readonly double[] Borders =
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly string _name;
    private readonly string? _help;
    private readonly string _type;
    private readonly bool _isLast;

    /// <summary>Creates the family of an instrument.</summary>
    public MetricFamily(Instrument instrument)
    {
        Type kind = instrument.GetType().GetGenericTypeDefinition();
        _type = kind == typeof(Histogram<>) ? "histogram" : kind == typeof(Counter<>) ? "counter" : "gauge";
        _isLast = instrument.IsObservable;
        string unit = instrument.Unit == "s" ? "_seconds" : string.Empty;
        _name = Name(instrument.Name) + unit + (_type == "counter" ? "_total" : string.Empty);
        _help = instrument.Description;
    }

    /// <summary>Tags as Prometheus writes labels, without the braces.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        StringBuilder text = new();
        foreach ((string key, object? value) in tags)
        {
            string word = Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
            text.Append(text.Length > 0 ? "," : string.Empty).Append(Name(key)).Append("=\"")
                .Append(word.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\"", "\\\"")).Append('"');
        }

        return text.ToString();
    }

    /// <summary>Takes a measurement in.</summary>
    public void Record(string labels, double value)
    {
        if (!_series.TryGetValue(labels, out Series? series))
        {
            series = new Series();
            _series.Add(labels, series);
        }

        // A gauge is what it was measured to be last; others add up, also up-down counters.
        series.Sum = _isLast ? value : series.Sum + value;
        series.Count++;
        for (int i = 0; i < Borders.Length && _type == "histogram"; i++)
        {
            series.Buckets[i] += value <= Borders[i] ? 1 : 0;
        }
    }

    /// <summary>Writes the family.</summary>
    public void Write(TextWriter text)
    {
        if (_help is not null)
        {
            text.WriteLine($"# HELP {_name} {_help.Replace("\\", "\\\\").Replace("\n", "\\n")}");
        }

        text.WriteLine($"# TYPE {_name} {_type}");
        foreach ((string labels, Series series) in _series)
        {
            if (_type != "histogram")
            {
                text.WriteLine(Line(string.Empty, labels, series.Sum));
                continue;
            }

            string first = labels.Length > 0 ? labels + "," : string.Empty;
            for (int i = 0; i < Borders.Length; i++)
            {
                text.WriteLine(Line("_bucket", $"{first}le=\"{Number(Borders[i])}\"", series.Buckets[i]));
            }

            text.WriteLine(Line("_bucket", $"{first}le=\"+Inf\"", series.Count));
            text.WriteLine(Line("_sum", labels, series.Sum));
            text.WriteLine(Line("_count", labels, series.Count));
        }
    }

    private static string Name(string name) =>
        string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private string Line(string suffix, string labels, double value) =>
        $"{_name}{suffix}{(labels.Length > 0 ? $"{{{labels}}}" : string.Empty)} {Number(value)}";

    /// <summary>What was measured with one set of tags.</summary>
    private sealed class Series
    {
        public long[] Buckets { get; } = new long[Borders.Length];

        public long Count { get; set; }

        public double Sum { get; set; }
    }
}
