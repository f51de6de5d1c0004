using System.Diagnostics;
using System.Diagnostics.Metrics;
using DenseConnector.Diagnostics;

namespace DenseConnector.Tests.Diagnostics;

[Collection(nameof(RunsAlone))]
public sealed class RequestTraceTests
{
    [Fact]
    public void Start_NobodyListens_MakesNoTrace() => Assert.Null(RequestTrace.Start("model"));

    [Fact]
    public void Start_ListenerOfSpans_MakesOne()
    {
        using ActivityListener listener = new() { ShouldListenTo = source => source.Name == Telemetry.Name };
        ActivitySource.AddActivityListener(listener);
        Assert.NotNull(RequestTrace.Start("model"));
    }

    [Theory]
    [InlineData("denseconnector.tokens")]
    [InlineData("denseconnector.queue.duration")]
    [InlineData("denseconnector.vision.duration")]
    [InlineData("denseconnector.prefill.duration")]
    [InlineData("denseconnector.decode.duration")]
    public void Start_ListenerOfOneInstrument_MakesOne(string name)
    {
        // A listener sees the instruments of a type that was used before.
        Assert.Null(RequestTrace.Start("model"));
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, me) =>
        {
            if (instrument.Name == name)
            {
                me.EnableMeasurementEvents(instrument);
            }
        };
        listener.Start();
        Assert.NotNull(RequestTrace.Start("model"));
    }

    [Fact]
    public void Fail_AfterTheAnswer_IsNoError()
    {
        List<Activity> ended = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        RequestTrace trace = RequestTrace.Start("model")!;
        trace.Enter(RequestPhase.Decode);

        trace.Complete(new TokenUsage(3, 2));
        trace.Fail(new OperationCanceledException());

        Assert.Equal(["denseconnector.queue", "denseconnector.decode"], ended.Select(span => span.OperationName));
        Assert.All(ended, span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
    }
}
