using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace DenseConnector.Diagnostics;

/// <summary>
/// What can be watched from outside: an <see cref="ActivitySource"/> and a <see cref="Meter"/>, both named
/// <c>DenseConnector</c>.
/// </summary>
/// <remarks>
/// <para>
/// Spans: <c>denseconnector.load</c> for a model, and for a request one after the other <c>denseconnector.queue</c>,
/// <c>.vision</c>, <c>.prefill</c> and <c>.decode</c>, children of the caller's span; a phase that a request does not
/// need (no picture, or one seen before) has none. Histograms of the same names with <c>.duration</c> behind, in
/// seconds; <c>denseconnector.tokens</c> counts tokens of finished answers. A request shares the model with others, so
/// its phases include their steps.
/// </para>
/// <para>
/// Attributes are those of OpenTelemetry's conventions where they have one: <c>gen_ai.request.model</c>,
/// <c>gen_ai.token.type</c> (<c>input</c>, of it <c>cached</c>, and <c>output</c>), <c>gen_ai.usage.*</c> on the decode
/// span, <c>error.type</c> on what failed or was cancelled. Neither prompts nor answers are in any of it. Where nobody
/// listens, a request makes no trace at all.
/// </para>
/// </remarks>
internal static class Telemetry
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "DenseConnector";

    /// <summary>The attribute that names the model.</summary>
    public const string ModelKey = "gen_ai.request.model";

    /// <summary>The attribute that names the error's type.</summary>
    public const string ErrorKey = "error.type";

    private const string TokenTypeKey = "gen_ai.token.type";

    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> LoadDuration = Duration("load", "Loading a model.");
    private static readonly Histogram<double>[] PhaseDurations =
    [
        Duration(NameOf(RequestPhase.Queue), "Waiting for a free place."),
        Duration(NameOf(RequestPhase.Vision), "Looking at pictures not seen before."),
        Duration(NameOf(RequestPhase.Prefill), "Reading what is new in the prompt."),
        Duration(NameOf(RequestPhase.Decode), "Making the answer's tokens."),
    ];

    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>(
        "denseconnector.tokens", "{token}", "Tokens of finished answers and their prompts.");

    /// <summary>Where spans come from.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Whether anybody listens to a request.</summary>
    public static bool IsObserved =>
        Source.HasListeners() || Tokens.Enabled || PhaseDurations.Any(duration => duration.Enabled);

    /// <summary>The phase's part of every name.</summary>
    public static string NameOf(RequestPhase phase) => phase switch
    {
        RequestPhase.Queue => "queue",
        RequestPhase.Vision => "vision",
        RequestPhase.Prefill => "prefill",
        _ => "decode",
    };

    /// <summary>Runs a load and records how long it took and whether it failed.</summary>
    public static async Task<DenseConnectorModel> MeasureLoadAsync(string model, Func<Task<DenseConnectorModel>> load)
    {
        using Activity? span = Source.StartActivity("denseconnector.load");
        span?.SetTag(ModelKey, model);
        long start = Stopwatch.GetTimestamp();
        TagList tags = new() { { ModelKey, model } };
        try
        {
            return await load().ConfigureAwait(false);
        }
        catch (Exception e) // Only looked at: it goes on to the caller.
        {
            string type = e.GetType().FullName!;
            span?.SetTag(ErrorKey, type).SetStatus(ActivityStatusCode.Error);
            tags.Add(ErrorKey, type);
            throw;
        }
        finally
        {
            LoadDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
        }
    }

    /// <summary>Records how long a phase took.</summary>
    public static void Record(RequestPhase phase, TimeSpan duration, string model, string? error)
    {
        TagList tags = new() { { ModelKey, model } };
        if (error is not null)
        {
            tags.Add(ErrorKey, error);
        }

        PhaseDurations[(int)phase].Record(duration.TotalSeconds, tags);
    }

    /// <summary>Counts a finished answer's tokens.</summary>
    public static void Count(TokenUsage usage, string model)
    {
        Count(usage.PromptTokens, "input");
        Count(usage.CachedTokens, "cached");
        Count(usage.GeneratedTokens, "output");

        void Count(int tokens, string type) => Tokens.Add(
            tokens,
            new KeyValuePair<string, object?>(ModelKey, model),
            new KeyValuePair<string, object?>(TokenTypeKey, type));
    }

    private static Histogram<double> Duration(string what, string description) => Meter.CreateHistogram(
        $"denseconnector.{what}.duration",
        "s",
        description,
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
        });
}
