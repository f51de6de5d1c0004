namespace DenseConnector.Hub;

/// <summary>Counts the failures of one request and waits between its tries.</summary>
/// <remarks>Used by one task.</remarks>
internal sealed class HubRetry(HubSettings settings)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private int _failures;

    /// <summary>Begins to count anew: the last try brought something.</summary>
    public void Progressed() => _failures = 0;

    /// <summary>Waits before the next try, or gives up.</summary>
    /// <param name="failure">The error of the last try.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="HubException">
    /// The error itself: it is final, it was the last one allowed, or the server asks to wait too long.
    /// </exception>
    public async Task WaitAsync(HubException failure, CancellationToken cancellation)
    {
        if (!failure.IsTransient || ++_failures >= settings.MaxAttempts || failure.RetryAfter > settings.MaxRetryAfter)
        {
            // A new throw would lose where it happened.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        // Up to half as much again, so that files that broke together do not come back together.
        TimeSpan delay = settings.RetryDelay * Math.Pow(2, _failures - 1) * (1 + (Random.Shared.NextDouble() / 2));
        await Task.Delay(
            failure.RetryAfter ?? (delay < LongestDelay ? delay : LongestDelay), cancellation).ConfigureAwait(false);
    }
}
