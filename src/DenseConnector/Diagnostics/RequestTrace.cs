using System.Diagnostics;

namespace DenseConnector.Diagnostics;

/// <summary>Follows one request through its phases: a span and a duration for each.</summary>
/// <remarks>
/// Started on the caller's thread, whose span becomes the parent, then used on the inference thread alone. A span is
/// never current there: requests take turns.
/// </remarks>
internal sealed class RequestTrace
{
    private readonly string _model;
    private readonly ActivityContext _parent = Activity.Current?.Context ?? default;
    private RequestPhase _phase;
    private long _start;
    private Activity? _span;
    private bool _ended;

    private RequestTrace(string model)
    {
        _model = model;
        Begin(RequestPhase.Queue);
    }

    /// <summary>Starts to follow a request that begins to wait; <c>null</c> if nobody listens.</summary>
    /// <param name="model">The name of the model.</param>
    public static RequestTrace? Start(string model) => Telemetry.IsObserved ? new RequestTrace(model) : null;

    /// <summary>The request is at this phase now.</summary>
    public void Enter(RequestPhase phase)
    {
        if (phase != _phase)
        {
            End(null);
            Begin(phase);
        }
    }

    /// <summary>The answer is whole.</summary>
    public void Complete(TokenUsage usage)
    {
        _span?.SetTag("gen_ai.usage.input_tokens", usage.PromptTokens)
            .SetTag("gen_ai.usage.cache_read.input_tokens", usage.CachedTokens)
            .SetTag("gen_ai.usage.output_tokens", usage.GeneratedTokens);
        End(null);
        Telemetry.Count(usage, _model);
        _ended = true;
    }

    /// <summary>The request ended without a whole answer, unless it had one already.</summary>
    public void Fail(Exception error)
    {
        if (!_ended)
        {
            End(error.GetType().FullName);
            _ended = true;
        }
    }

    private void Begin(RequestPhase phase)
    {
        _phase = phase;
        _start = Stopwatch.GetTimestamp();
        Activity? current = Activity.Current;
        _span = Telemetry.Source.StartActivity(
            $"denseconnector.{Telemetry.NameOf(phase)}", ActivityKind.Internal, _parent);
        _span?.SetTag(Telemetry.ModelKey, _model);
        Activity.Current = current;
    }

    private void End(string? error)
    {
        if (error is not null)
        {
            _span?.SetTag(Telemetry.ErrorKey, error).SetStatus(ActivityStatusCode.Error);
        }

        Activity? current = Activity.Current;
        _span?.Dispose();
        Activity.Current = current;
        Telemetry.Record(_phase, Stopwatch.GetElapsedTime(_start), _model, error);
    }
}
