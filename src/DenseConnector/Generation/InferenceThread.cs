using System.Collections.Concurrent;
using TorchSharp;

namespace DenseConnector.Generation;

/// <summary>
/// The only thread of a model that touches tensors: runs what is posted to it in order, and between that the
/// scheduler's steps.
/// </summary>
/// <remarks>
/// TorchSharp binds inference mode and dispose scopes to a thread, so nothing with tensors may follow an <c>await</c>.
/// The thread enters inference mode once. Posting is thread-safe.
/// </remarks>
internal sealed class InferenceThread
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts the thread; it ends when <see cref="Stop"/> is called.</summary>
    public InferenceThread()
    {
        Thread thread = new(Run) { IsBackground = true, Name = "DenseConnector inference" };
        thread.Start();
    }

    /// <summary>
    /// One unit of the model's standing work; returns whether there is more. Set on the thread itself; it does not
    /// throw.
    /// </summary>
    public Func<bool> Step { get; set; } = () => false;

    /// <summary>Completes when the thread has run its last work.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Runs a function on the thread and gives its result or its error.</summary>
    /// <exception cref="ObjectDisposedException">The thread was stopped.</exception>
    public Task<T> RunAsync<T>(Func<T> function)
    {
        TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                result.SetResult(function());
            }
            catch (OperationCanceledException e)
            {
                result.SetCanceled(e.CancellationToken);
            }
            catch (Exception e) // The caller's own thread is where every error belongs.
            {
                result.SetException(e);
            }
        });
        return result.Task;
    }

    /// <summary>Runs an action on the thread; the action does not throw.</summary>
    /// <exception cref="ObjectDisposedException">The thread was stopped.</exception>
    public void Post(Action action)
    {
        try
        {
            _work.Add(action);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(DenseConnectorModel));
        }
    }

    /// <summary>Ends the thread after the work already posted; later posts are refused.</summary>
    public void Stop() => _work.CompleteAdding();

    private void Run()
    {
        using (torch.inference_mode())
        {
            bool more = false;
            while (more ? !_work.IsCompleted : Wait())
            {
                while (_work.TryTake(out Action? action))
                {
                    action();
                }

                more = Step();
            }
        }

        _work.Dispose();
        _ended.SetResult();

        bool Wait()
        {
            if (_work.TryTake(out Action? action, Timeout.Infinite))
            {
                action();
                return true;
            }

            return false;
        }
    }
}
