using System.Diagnostics.Metrics;
using DenseConnector.Cli.Serving;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class MetricFamilyTests
{
    [Fact]
    public void Write_Counter_AddsUpEachSeries()
    {
        using Meter meter = new("test");
        MetricFamily family = new(meter.CreateCounter<long>("a.b", "{token}", "What\nit is."));
        family.Record("x=\"1\"", 2);
        family.Record("x=\"1\"", 3);
        family.Record("x=\"2\"", 4);

        Assert.Equal(
            "# HELP a_b_total What\\nit is.\n# TYPE a_b_total counter\na_b_total{x=\"1\"} 5\na_b_total{x=\"2\"} 4\n",
            Written(family));
    }

    [Fact]
    public void Write_ObservableGauge_GivesTheLastValue()
    {
        using Meter meter = new("test");
        MetricFamily family = new(meter.CreateObservableGauge("a", () => 0));
        family.Record(string.Empty, 2);
        family.Record(string.Empty, 3);

        Assert.Equal("# TYPE a gauge\na 3\n", Written(family));
    }

    [Fact]
    public void Write_UpDownCounter_AddsUp()
    {
        using Meter meter = new("test");
        MetricFamily family = new(meter.CreateUpDownCounter<long>("a"));
        family.Record(string.Empty, 2);
        family.Record(string.Empty, -1);

        Assert.Equal("# TYPE a gauge\na 1\n", Written(family));
    }

    [Fact]
    public void Write_Histogram_CountsEachBucketAndAllBelow()
    {
        using Meter meter = new("test");
        MetricFamily family = new(meter.CreateHistogram<double>("a", "s"));
        family.Record("x=\"1\"", 0.01);
        family.Record("x=\"1\"", 7);
        family.Record("x=\"1\"", 1000);

        string[] lines = Written(family).Split('\n');

        Assert.Equal("# TYPE a_seconds histogram", lines[0]);
        Assert.Contains("a_seconds_bucket{x=\"1\",le=\"0.005\"} 0", lines);
        Assert.Contains("a_seconds_bucket{x=\"1\",le=\"0.01\"} 1", lines);
        Assert.Contains("a_seconds_bucket{x=\"1\",le=\"5\"} 1", lines);
        Assert.Contains("a_seconds_bucket{x=\"1\",le=\"10\"} 2", lines);
        Assert.Contains("a_seconds_bucket{x=\"1\",le=\"+Inf\"} 3", lines);
        Assert.Contains("a_seconds_sum{x=\"1\"} 1007.01", lines);
        Assert.Contains("a_seconds_count{x=\"1\"} 3", lines);
    }

    [Fact]
    public void Labels_WithQuotes_AreEscaped() => Assert.Equal(
        "a_b=\"x\\\"y\\\\z\\n\",c=\"5\"",
        MetricFamily.Labels([new("a.b", "x\"y\\z\n"), new("c", 5)]));

    private static string Written(MetricFamily family)
    {
        using StringWriter text = new() { NewLine = "\n" };
        family.Write(text);
        return text.ToString();
    }
}
