using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Serving;

/// <summary>
/// Who is in the server: up to a number of requests are answered at once, a bounded number waits in order, and further
/// ones are sent away.
/// </summary>
/// <remarks>
/// Thread-safe. A request has its place before its body is read, and its pictures are decoded when its turn comes:
/// memory is bounded by both numbers.
/// </remarks>
/// <param name="turns">The most requests answered at once.</param>
/// <param name="waiting">The most requests that wait.</param>
internal sealed class RequestQueue(int turns, int waiting) : IDisposable
{
    private readonly SemaphoreSlim _turns = new(turns);
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private bool _closed;
    private int _inside;
    private int _running;
    private double _averageSeconds = 1;

    /// <summary>Requests being answered.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Requests that wait for their turn, or whose body arrives.</summary>
    public int Waiting => Math.Max(0, Volatile.Read(ref _inside) - Running);

    /// <summary>Whether new requests are sent away for good.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Takes a request in; it leaves when its place is disposed.</summary>
    /// <exception cref="ApiException">The server is full, or closing.</exception>
    public Place Enter()
    {
        lock (_lock)
        {
            if (_closed)
            {
                throw new ApiException(
                    StatusCodes.Status503ServiceUnavailable, "The server is shutting down.", code: "shutting_down");
            }

            if (_inside >= turns + waiting)
            {
                throw new ApiException(
                    StatusCodes.Status429TooManyRequests,
                    $"The server answers {turns} requests and {waiting} wait; try again later.",
                    code: "queue_full")
                {
                    RetryAfter = TimeSpan.FromSeconds(Math.Clamp(_averageSeconds / turns, 1, 60)),
                };
            }

            _inside++;
            return new Place(this);
        }
    }

    /// <summary>Sends new requests away from now on; completes when the last one has left.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            Volatile.Write(ref _closed, true);
            if (_inside == 0)
            {
                _empty.TrySetResult();
            }
        }

        return _empty.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private void Leave(long? start)
    {
        if (start is not null)
        {
            Interlocked.Decrement(ref _running);
            _turns.Release();
        }

        lock (_lock)
        {
            if (start is not null)
            {
                // How soon a place is free is told from the newest answers.
                _averageSeconds += (Stopwatch.GetElapsedTime(start.Value).TotalSeconds - _averageSeconds) / 8;
            }

            _inside--;
            if (_closed && _inside == 0)
            {
                _empty.TrySetResult();
            }
        }
    }

    /// <summary>One request's place; disposing it lets the next one in.</summary>
    /// <param name="queue">Where the place is.</param>
    internal sealed class Place(RequestQueue queue) : IDisposable
    {
        private long? _start;
        private bool _left;

        /// <summary>Waits until the request may be answered; requests get there in order.</summary>
        public async Task WaitAsync(CancellationToken cancellationToken)
        {
            await queue._turns.WaitAsync(cancellationToken);
            Interlocked.Increment(ref queue._running);
            _start = Stopwatch.GetTimestamp();
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (!_left)
            {
                _left = true;
                queue.Leave(_start);
            }
        }
    }
}
