using System.Threading.Channels;

namespace DenseConnector.Cli;

/// <summary>
/// Works on items, several at once, while the next are being prepared, and gives the results in the items' order.
/// </summary>
/// <typeparam name="TItem">An item.</typeparam>
/// <typeparam name="TPrepared">What is made of it beforehand.</typeparam>
/// <typeparam name="TResult">What is made of that.</typeparam>
/// <param name="atOnce">How many are worked on at once; as many again are prepared.</param>
/// <param name="prepare">Prepares an item.</param>
/// <param name="work">Does the work.</param>
internal sealed class OrderedWork<TItem, TPrepared, TResult>(
    int atOnce,
    Func<TItem, CancellationToken, Task<TPrepared>> prepare,
    Func<TItem, TPrepared, CancellationToken, Task<TResult>> work)
{
    /// <summary>How many results may wait for a slower one before them, for each that is worked on.</summary>
    private const int Ahead = 4;

    /// <summary>Works on all items; the first failure ends the others and is thrown.</summary>
    /// <param name="items">The items.</param>
    /// <param name="done">Gets each result, in order and never two at a time.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task RunAsync(IEnumerable<TItem> items, Action<TResult> done, CancellationToken cancellation)
    {
        using CancellationTokenSource broken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<Task<TResult>> results = Channel.CreateBounded<Task<TResult>>(Ahead * atOnce);
        Task starting = StartAsync(items, results.Writer, broken.Token);
        try
        {
            await foreach (Task<TResult> result in results.Reader.ReadAllAsync(cancellation))
            {
                done(await result);
            }
        }
        finally
        {
            // A full disk, too, ends what is under way before the caller takes away what it works with.
            await broken.CancelAsync();
            await starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await starting;
    }

    private async Task StartAsync(
        IEnumerable<TItem> items, ChannelWriter<Task<TResult>> results, CancellationToken cancellation)
    {
        List<Task> started = [];
        using SemaphoreSlim places = new(2 * atOnce);
        using SemaphoreSlim working = new(atOnce);
        try
        {
            foreach (TItem item in items)
            {
                await places.WaitAsync(cancellation);
                Task<TResult> result = Task.Run(() => RunOneAsync(item), CancellationToken.None);
                started.RemoveAll(task => task.IsCompleted);
                started.Add(result);
                await results.WriteAsync(result, cancellation);
            }
        }
        finally
        {
            results.Complete();
            await Task.WhenAll(started).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<TResult> RunOneAsync(TItem item)
        {
            try
            {
                TPrepared prepared = await prepare(item, cancellation);
                await working.WaitAsync(cancellation);
                try
                {
                    return await work(item, prepared, cancellation);
                }
                finally
                {
                    working.Release();
                }
            }
            finally
            {
                places.Release();
            }
        }
    }
}
