namespace DenseConnector.Cli.Tests.Serving;

/// <summary>Holds a model in the middle of an answer, so that what happens meanwhile does not depend on time.</summary>
internal sealed class HeldEngine : IDisposable
{
    private readonly DenseConnectorModel _model;
    private readonly int _steps;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _released = new();
    private int _done;

    private HeldEngine(DenseConnectorModel model, int steps)
    {
        _model = model;
        _steps = steps;
    }

    /// <summary>Completes when the model is held.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Steps after the release that left a request at work.</summary>
    public int StepsSince => Math.Max(0, Volatile.Read(ref _done) - _steps);

    /// <summary>Holds the model after so many steps of work on requests.</summary>
    public static async Task<HeldEngine> AfterAsync(DenseConnectorModel model, int steps)
    {
        HeldEngine held = new(model, steps);
        await model.Thread.RunAsync(() => model.Thread.Step = held.Step);
        return held;
    }

    /// <summary>Lets the model go on.</summary>
    public void Release() => _released.Set();

    /// <summary>Waits until no request is at work.</summary>
    public async Task IdleAsync()
    {
        while (await _model.Thread.RunAsync(() => _model.Scheduler.ActiveRequests) > 0)
        {
            await Task.Yield();
        }
    }

    public void Dispose() => Release();

    private bool Step()
    {
        bool more = _model.Scheduler.Step();
        if (_model.Scheduler.ActiveRequests > 0 && ++_done == _steps)
        {
            _reached.SetResult();
            _released.Wait();
        }

        return more;
    }
}
