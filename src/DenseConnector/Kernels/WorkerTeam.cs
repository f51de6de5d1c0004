namespace DenseConnector.Kernels;

/// <summary>
/// A fixed team of threads that share out small pieces of work within microseconds: the calling thread and its helpers.
/// </summary>
/// <remarks>
/// <para>
/// A token takes some two hundred matrix products, each a fraction of a millisecond. Between two of them the helpers
/// spin, so that the next one starts at once; after <see cref="SpinIterations"/> rounds without work they sleep and
/// leave the processor to others. The last pieces are handed out one by one: a thread that the system holds up delays
/// the others by what it holds, which is less and less.
/// </para>
/// <para>
/// libtorch's own threads spin likewise after each of its parallel operators, and two spinning teams on one set of
/// cores slow each other to half (measured). Steps that use the team therefore use no parallel operator of libtorch.
/// </para>
/// <para><see cref="Run"/> is called by one thread at a time. Disposing ends the helpers.</para>
/// </remarks>
internal sealed class WorkerTeam : IDisposable
{
    // About a hundred microseconds: the longest gap between two products of a step.
    private const int SpinIterations = 4000;

    private const int Closed = 1 << 30;

    private readonly Helper[] _helpers;
    private Action<int>? _work;
    private int _pieces;
    private int _next;

    // The helpers at work, and whether others may still join them.
    private int _door = Closed;
    private volatile int _generation;
    private volatile bool _ended;
    private Exception? _failure;

    /// <summary>Starts the helpers.</summary>
    /// <param name="size">Threads that work, the caller included.</param>
    public WorkerTeam(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _helpers = new Helper[size - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            _helpers[i] = new Helper(this, i + 1);
        }
    }

    /// <summary>Threads that work, the caller included.</summary>
    public int Size => _helpers.Length + 1;

    /// <summary>Memory for what the caller prepares before it shares out work.</summary>
    public ScratchMemory Scratch { get; } = new();

    /// <summary>Does pieces 0 to <paramref name="pieces"/> - 1, in any order, and returns when all are done.</summary>
    /// <exception cref="Exception">The first that a piece threw.</exception>
    public void Run(int pieces, Action<int> work)
    {
        if (_helpers.Length == 0 || pieces == 1)
        {
            for (int piece = 0; piece < pieces; piece++)
            {
                work(piece);
            }

            return;
        }

        _work = work;
        _pieces = pieces;
        _next = 0;
        _failure = null;
        Volatile.Write(ref _door, 0);
        Interlocked.Increment(ref _generation);
        foreach (Helper helper in _helpers)
        {
            helper.Wake();
        }

        DoPieces();

        // A helper that the system has not let run yet is not waited for: all pieces are taken.
        Interlocked.Or(ref _door, Closed);
        SpinWait spin = default;
        while (Volatile.Read(ref _door) != Closed)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        _work = null;
        if (_failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended = true;
        Interlocked.Increment(ref _generation);
        foreach (Helper helper in _helpers)
        {
            helper.Wake();
            helper.Dispose();
        }

        Scratch.Dispose();
    }

    /// <summary>Joins the others at work, unless there is none left.</summary>
    private void Help()
    {
        for (int door = Volatile.Read(ref _door); (door & Closed) == 0;)
        {
            int found = Interlocked.CompareExchange(ref _door, door + 1, door);
            if (found == door)
            {
                DoPieces();
                Interlocked.Decrement(ref _door);
                return;
            }

            door = found;
        }
    }

    private void DoPieces()
    {
        try
        {
            while (Claim(out int piece, out int end))
            {
                for (; piece < end; piece++)
                {
                    _work!(piece);
                }
            }
        }
        catch (Exception e)
        {
            _failure ??= e;
            Volatile.Write(ref _next, _pieces);
        }
    }

    /// <summary>
    /// Takes the next pieces: at first many in a row, as neighbouring pieces mostly lie in neighbouring memory, which
    /// is read faster in long runs; in the end one by one.
    /// </summary>
    private bool Claim(out int first, out int end)
    {
        first = Volatile.Read(ref _next);
        while (first < _pieces)
        {
            end = first + Math.Max(1, (_pieces - first) / (2 * Size));
            int found = Interlocked.CompareExchange(ref _next, end, first);
            if (found == first)
            {
                return true;
            }

            first = found;
        }

        end = first;
        return false;
    }

    private sealed class Helper : IDisposable
    {
        private readonly WorkerTeam _team;
        private readonly Thread _thread;
        private readonly SemaphoreSlim _sleep = new(0);
        private int _asleep;

        public Helper(WorkerTeam team, int index)
        {
            _team = team;
            _thread = new Thread(Loop) { IsBackground = true, Name = $"DenseConnector kernels {index}" };
            _thread.Start();
        }

        public void Wake()
        {
            if (Interlocked.Exchange(ref _asleep, 0) == 1)
            {
                _sleep.Release();
            }
        }

        public void Dispose()
        {
            _thread.Join();
            _sleep.Dispose();
        }

        private void Loop()
        {
            for (int seen = 0; ;)
            {
                Await(seen);
                seen = _team._generation;
                if (_team._ended)
                {
                    return;
                }

                _team.Help();
            }
        }

        /// <summary>Spins, then sleeps, until there is a generation other than the last one seen.</summary>
        private void Await(int seen)
        {
            for (int i = 0; i < SpinIterations; i++)
            {
                if (_team._generation != seen)
                {
                    return;
                }

                Thread.SpinWait(1);
            }

            Interlocked.Exchange(ref _asleep, 1);
            if (_team._generation != seen && Interlocked.Exchange(ref _asleep, 0) == 1)
            {
                return; // Work came while it lay down, and nobody is going to wake it.
            }

            _sleep.Wait();
        }
    }
}
