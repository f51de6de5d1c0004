using System.Diagnostics.Metrics;
using System.Globalization;
using DenseConnector.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Serving;

/// <summary>
/// <c>GET /metrics</c>: gathers what the meters of the model, of the server and of ASP.NET Core's requests tell, and
/// writes it in Prometheus' text format 0.0.4.
/// </summary>
/// <remarks>
/// Thread-safe. The packages that do this are a preview or keep metrics for the whole process; the format is small.
/// </remarks>
internal sealed class Metrics : IDisposable
{
    private const string RequestsMeter = "Microsoft.AspNetCore.Hosting";

    private readonly IMeterFactory _meters;
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="meters">The server's own meters are this factory's.</param>
    public Metrics(IMeterFactory meters)
    {
        _meters = meters;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsOurs(instrument.Meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Writes all metrics.</summary>
    public async Task WriteAsync(HttpContext http)
    {
        using StringWriter text = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
        _listener.RecordObservableInstruments();
        lock (_lock)
        {
            foreach (MetricFamily family in _families.Values)
            {
                family.Write(text);
            }
        }

        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await http.Response.WriteAsync(text.ToString());
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private bool IsOurs(Meter meter) =>
        meter.Name == Telemetry.Name || (meter.Scope == _meters && meter.Name is (ServerMeter.Name or RequestsMeter));

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = MetricFamily.Labels(tags);
        lock (_lock)
        {
            if (!_families.TryGetValue(instrument.Name, out MetricFamily? family))
            {
                family = new MetricFamily(instrument);
                _families.Add(instrument.Name, family);
            }

            family.Record(labels, value);
        }
    }
}
