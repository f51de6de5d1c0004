using DenseConnector.Generation;
using DenseConnector.Loading;
using TorchSharp;

namespace DenseConnector.Tests.Generation;

public sealed class InferenceThreadTests : IAsyncLifetime
{
    private readonly InferenceThread _thread;
    private bool _stopped;

    public InferenceThreadTests()
    {
        NativeLibraries.EnsureLoaded();
        _thread = new InferenceThread();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        Stop();
        await _thread.Ended;
    }

    [Fact]
    public async Task RunAsync_ManyCalls_RunInOrderOnOneOtherThread()
    {
        List<int> order = [];
        Task<int>[] calls = [.. Enumerable.Range(0, 100).Select(i => _thread.RunAsync(() =>
        {
            order.Add(i);
            return Environment.CurrentManagedThreadId;
        }))];

        int[] threads = await Task.WhenAll(calls);

        Assert.Equal(Enumerable.Range(0, 100), order);
        Assert.Single(threads.Distinct());
    }

    [Fact]
    public async Task RunAsync_Function_RunsInInferenceMode() =>
        Assert.True(await _thread.RunAsync(torch.is_inference_mode_enabled));

    [Fact]
    public async Task RunAsync_FunctionThatThrows_GivesTheCallerTheErrorAndGoesOn()
    {
        await Assert.ThrowsAsync<InvalidDataException>(
            () => _thread.RunAsync<int>(() => throw new InvalidDataException()));

        Assert.Equal(3, await _thread.RunAsync(() => 3));
    }

    [Fact]
    public async Task RunAsync_FunctionThatIsCancelled_CancelsTheTask()
    {
        using CancellationTokenSource cancel = new();
        await cancel.CancelAsync();

        Task<int> call = _thread.RunAsync<int>(() => throw new OperationCanceledException(cancel.Token));

        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(call.IsCanceled);
        Assert.Equal(cancel.Token, error.CancellationToken);
    }

    [Fact]
    public async Task Stop_WorkAlreadyPosted_IsDoneFirst()
    {
        using ManualResetEventSlim begin = new();
        List<int> done = [];
        _thread.Post(begin.Wait);
        for (int i = 0; i < 10; i++)
        {
            int number = i;
            _thread.Post(() => done.Add(number));
        }

        Stop();
        begin.Set();
        await _thread.Ended;

        Assert.Equal(Enumerable.Range(0, 10), done);
    }

    [Fact]
    public void Post_AfterStop_IsRefused()
    {
        Stop();

        Assert.Throws<ObjectDisposedException>(() => _thread.Post(() => { }));
    }

    [Fact]
    public async Task Post_AfterTheThreadEnded_IsRefused()
    {
        Stop();
        await _thread.Ended;

        ObjectDisposedException error = Assert.Throws<ObjectDisposedException>(() => _thread.Post(() => { }));

        Assert.Equal(nameof(DenseConnectorModel), error.ObjectName);
    }

    [Fact]
    public async Task RunAsync_AfterStop_IsRefused()
    {
        Stop();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => _thread.RunAsync(() => 1));
    }

    [Fact]
    public async Task Step_AlwaysMoreToDo_LetsPostedWorkAndStopThrough()
    {
        TaskCompletionSource stepped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int steps = 0;
        await _thread.RunAsync(() => _thread.Step = () =>
        {
            if (++steps == 3)
            {
                stepped.SetResult();
            }

            return true;
        });
        await stepped.Task;

        Assert.True(await _thread.RunAsync(() => steps) >= 3);
        Stop();
        await _thread.Ended;
    }

    [Fact]
    public async Task Step_NothingToDo_WaitsForTheNextWork()
    {
        int steps = 0;
        await _thread.RunAsync(() => _thread.Step = () =>
        {
            steps++;
            return false;
        });
        await _thread.RunAsync(() => 0);

        for (int i = 0; i < 20; i++)
        {
            await _thread.RunAsync(() => i);
        }

        // At most once behind each of the 22 units of work, and not in between.
        Assert.InRange(await _thread.RunAsync(() => steps), 0, 22);
    }

    private void Stop()
    {
        if (!_stopped)
        {
            _stopped = true;
            _thread.Stop();
        }
    }
}
