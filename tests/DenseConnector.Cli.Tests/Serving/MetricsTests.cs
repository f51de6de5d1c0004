using System.Globalization;
using System.Text.RegularExpressions;
using DenseConnector.Cli.Serving;

namespace DenseConnector.Cli.Tests.Serving;

public sealed partial class MetricsTests
{
    [Fact]
    public async Task Metrics_AfterRequests_CountThem()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.PostAsync(TestServer.Ask(), 200);
        await server.PostAsync(TestServer.Ask(), 200);
        await server.PostAsync(TestServer.Ask(("n", 0)), 400);
        using RequestQueue.Place place = server.Get<RequestQueue>().Enter();

        // A request is counted when it is over, which is a little after its response has come.
        await TestServer.UntilAsync(async () =>
        {
            string sofar = await server.Http.GetStringAsync("/metrics");
            return sofar.Split('\n').Count(line => line.Contains("seconds_count", StringComparison.Ordinal) &&
                line.Contains("chat", StringComparison.Ordinal)) == 2 &&
                sofar.Contains("chat/completions\"} 2", StringComparison.Ordinal);
        });
        using HttpResponseMessage response = await server.Http.GetAsync("/metrics");

        Assert.Equal(
            "text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        string text = await response.Content.ReadAsStringAsync();
        Assert.Equal(2, Value(text, "http_server_request_duration_seconds_count", "status_code=\"200\"", "chat"));
        Assert.Equal(1, Value(text, "http_server_request_duration_seconds_count", "status_code=\"400\"", "chat"));
        Assert.Equal(2, Value(
            text, "http_server_request_duration_seconds_bucket", "status_code=\"200\"", "chat", "le=\"+Inf\""));
        Assert.Equal(0, Value(text, "denseconnector_server_running"));
        Assert.Equal(1, Value(text, "denseconnector_server_waiting"));

        // The model's own meter is the process': other tests may count too.
        Assert.True(Value(text, "denseconnector_tokens_total", "type=\"output\"") >= 12);
        Assert.True(Value(text, "denseconnector_tokens_total", "type=\"input\"") >= 224);
        Assert.True(Value(text, "denseconnector_decode_duration_seconds_count", "gen_ai", "tiny\"}") >= 2);
    }

    [Fact]
    public async Task Metrics_EachLine_IsOfTheFormat()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.PostAsync(TestServer.Ask(), 200);

        string text = await server.Http.GetStringAsync("/metrics");

        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
    }

    private static double Value(string text, string name, params string[] labels) => double.Parse(
        Assert.Single(text.Split('\n'), line =>
            (line.StartsWith(name + "{", StringComparison.Ordinal) ||
                line.StartsWith(name + " ", StringComparison.Ordinal)) &&
            labels.All(label => line.Contains(label, StringComparison.Ordinal))).Split(' ')[^1],
        CultureInfo.InvariantCulture);

    [GeneratedRegex("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? [0-9.Ee+-]+)$""")]
    private static partial Regex Line();
}
