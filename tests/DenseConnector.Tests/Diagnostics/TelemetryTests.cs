using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace DenseConnector.Tests.Diagnostics;

/// <summary>What listeners of the source and the meter named <c>DenseConnector</c> see.</summary>
[Collection(nameof(RunsAlone))]
public sealed class TelemetryTests : IAsyncLifetime, IDisposable
{
    private static readonly ActivitySource Caller = new("DenseConnector.Tests.Telemetry");

    private readonly Recording _recording = new();
    private readonly ModelCopy _copy = new();
    private readonly string _name;
    private DenseConnectorModel _model = null!;
    private ImageInput _image = null!;

    public TelemetryTests() => _name = new DirectoryInfo(_copy.Path).Name;

    public async Task InitializeAsync()
    {
        _copy.Set("prompt_template", "vicuna_v1");
        using Activity span = Caller.StartActivity("test")!;
        _model = await DenseConnectorModel.LoadAsync(_copy.Path);
        _image = await ImageInput.LoadAsync(Path.Combine(TestData.Fixtures, "tiny-eval", "images", "ex_001.png"));
    }

    public async Task DisposeAsync() => await _model.DisposeAsync();

    public void Dispose()
    {
        _recording.Dispose();
        _copy.Dispose();
    }

    [Fact]
    public void LoadAsync_Listener_SeesItsDuration()
    {
        Activity load = Assert.Single(_recording.Spans("denseconnector.load", _copy.Path));
        Assert.NotNull(load.ParentId);
        (double seconds, string? error) = Assert.Single(
            _recording.Durations("denseconnector.load.duration", _copy.Path));
        Assert.True(seconds > 0);
        Assert.Null(error);
    }

    [Fact]
    public async Task LoadAsync_NotFound_IsAnError()
    {
        string missing = Path.Combine(_copy.Path, "missing");

        await Assert.ThrowsAsync<CheckpointException>(() => DenseConnectorModel.LoadAsync(missing));

        Activity load = Assert.Single(_recording.Spans("denseconnector.load", missing));
        Assert.Equal(ActivityStatusCode.Error, load.Status);
        Assert.Equal("DenseConnector.CheckpointException", load.GetTagItem("error.type"));
        (_, string? error) = Assert.Single(_recording.Durations("denseconnector.load.duration", missing));
        Assert.Equal("DenseConnector.CheckpointException", error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task GenerateAsync_Listener_SeesThePhasesInOrder(int beams)
    {
        using Activity caller = Caller.StartActivity("test")!;

        GenerationResult result = await _model.GenerateAsync(
            new Prompt(TinyModelFixture.Question, _image), new GenerationOptions { Beams = beams });

        List<Activity> spans = [.. _recording.Below(caller)];
        Assert.Equal(
            ["denseconnector.queue", "denseconnector.vision", "denseconnector.prefill", "denseconnector.decode"],
            spans.Select(span => span.OperationName));
        Assert.All(spans, span =>
        {
            Assert.Equal(_name, span.GetTagItem("gen_ai.request.model"));
            Assert.Equal(ActivityStatusCode.Unset, span.Status);
        });
        Assert.All(spans.Zip(spans.Skip(1)), pair =>
            Assert.True(pair.First.StartTimeUtc + pair.First.Duration <= pair.Second.StartTimeUtc + Clock));
        Assert.Equal(result.Usage.PromptTokens, spans[^1].GetTagItem("gen_ai.usage.input_tokens"));
        Assert.Equal(0, spans[^1].GetTagItem("gen_ai.usage.cache_read.input_tokens"));
        Assert.Equal(result.Usage.GeneratedTokens, spans[^1].GetTagItem("gen_ai.usage.output_tokens"));
        Assert.All(spans, span => Assert.Single(
            _recording.Durations($"{span.OperationName}.duration", _name), value => value.Error is null));
        Assert.Same(caller, Activity.Current);
    }

    [Fact]
    public async Task GenerateAsync_Answers_CountTheirTokens()
    {
        Prompt prompt = new(TinyModelFixture.Question, _image);

        GenerationResult first = await _model.GenerateAsync(prompt);
        GenerationResult second = await _model.GenerateAsync(prompt);

        Assert.Equal(2 * first.Usage.PromptTokens, _recording.Tokens(_name, "input"));
        Assert.Equal(second.Usage.CachedTokens, _recording.Tokens(_name, "cached"));
        Assert.Equal(
            first.Usage.GeneratedTokens + second.Usage.GeneratedTokens, _recording.Tokens(_name, "output"));
        Assert.True(second.Usage.CachedTokens > 0);
    }

    [Fact]
    public async Task GenerateAsync_PictureSeenBefore_HasNoVisionPhase()
    {
        await _model.GenerateAsync(new Prompt(TinyModelFixture.Question, _image));
        using Activity caller = Caller.StartActivity("test")!;

        await _model.GenerateAsync(new Prompt("What is in the middle right?", _image));

        Assert.DoesNotContain(_recording.Below(caller), span => span.OperationName == "denseconnector.vision");
    }

    [Fact]
    public async Task StreamAsync_Cancelled_EndsThePhaseWithTheError()
    {
        using Activity caller = Caller.StartActivity("test")!;
        GenerationOptions endless = new() { MaxNewTokens = 900, Temperature = 5, Seed = 3 };

        await foreach (GenerationUpdate _ in _model.StreamAsync(new Prompt("Hello", _image), endless))
        {
            break;
        }

        // The next step of the model is the one that notices.
        await _model.Thread.RunAsync(() => _model.Scheduler.Step());
        Activity last = _recording.Below(caller).Last();
        Assert.Equal("denseconnector.decode", last.OperationName);
        Assert.Equal("System.OperationCanceledException", last.GetTagItem("error.type"));
        Assert.Equal(0, _recording.Tokens(_name, "output"));
        Assert.Contains(
            _recording.Durations("denseconnector.decode.duration", _name),
            value => value.Error == "System.OperationCanceledException");
    }

    // Spans are stamped with the system's clock, whose ticks are coarse.
    private static TimeSpan Clock { get; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Everything the library tells while a test runs.</summary>
    private sealed class Recording : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly List<Activity> _spans = [];
        private readonly List<(string Name, double Value, Dictionary<string, object?> Tags)> _values = [];
        private readonly ActivityListener _activities;
        private readonly MeterListener _meters = new();

        public Recording()
        {
            _activities = new ActivityListener
            {
                ShouldListenTo = source => source.Name is "DenseConnector" or "DenseConnector.Tests.Telemetry",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = span => Add(_spans, span),
            };
            ActivitySource.AddActivityListener(_activities);
            _meters.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "DenseConnector")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
            _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
            _meters.Start();
        }

        public IEnumerable<Activity> Below(Activity parent)
        {
            lock (_lock)
            {
                return [.. _spans.Where(span => span.ParentSpanId == parent.SpanId)];
            }
        }

        public IEnumerable<Activity> Spans(string name, string model)
        {
            lock (_lock)
            {
                return
                [
                    .. _spans.Where(span =>
                        span.OperationName == name && (string?)span.GetTagItem("gen_ai.request.model") == model),
                ];
            }
        }

        public IEnumerable<(double Seconds, string? Error)> Durations(string name, string model) =>
            Values(name, model).Select(value => (value.Value, (string?)value.Tags.GetValueOrDefault("error.type")));

        public long Tokens(string model, string type) => (long)Values("denseconnector.tokens", model)
            .Where(value => (string?)value.Tags["gen_ai.token.type"] == type)
            .Sum(value => value.Value);

        public void Dispose()
        {
            _activities.Dispose();
            _meters.Dispose();
        }

        private List<(string Name, double Value, Dictionary<string, object?> Tags)> Values(string name, string model)
        {
            lock (_lock)
            {
                return _values.FindAll(value =>
                    value.Name == name && (string?)value.Tags["gen_ai.request.model"] == model);
            }
        }

        private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            Add(_values, (instrument.Name, value, new Dictionary<string, object?>(tags.ToArray())));

        private void Add<T>(List<T> list, T item)
        {
            lock (_lock)
            {
                list.Add(item);
            }
        }
    }
}
