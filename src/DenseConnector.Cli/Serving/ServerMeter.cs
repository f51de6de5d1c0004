using System.Diagnostics.Metrics;

namespace DenseConnector.Cli.Serving;

/// <summary>Measures who is in the server, beside what ASP.NET Core and the model measure.</summary>
internal sealed class ServerMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "DenseConnector.Server";

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">Makes the meter, which is then this server's own.</param>
    /// <param name="queue">Who is in the server.</param>
    public ServerMeter(IMeterFactory meters, RequestQueue queue)
    {
        Meter meter = meters.Create(Name);
        meter.CreateObservableGauge(
            "denseconnector.server.running", () => queue.Running, "{request}", "Requests being answered.");
        meter.CreateObservableGauge(
            "denseconnector.server.waiting", () => queue.Waiting, "{request}", "Requests that wait for their turn.");
    }
}
