using System.Runtime.InteropServices;

namespace DenseConnector.Cli.Chatting;

/// <summary>
/// What Ctrl+C means in a dialogue: once stops what is under way; twice, with nothing entered in between, ends it.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly PosixSignalRegistration _signal;
    private CancellationTokenSource _stop = new();

    /// <summary>Takes Ctrl+C over from the system, which would end the process.</summary>
    public Interrupts() => _signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
    {
        context.Cancel = true;
        Press();
    });

    /// <summary>Cancelled by the first Ctrl+C since <see cref="Rearm"/>.</summary>
    public CancellationToken Stop
    {
        get
        {
            lock (_gate)
            {
                return _stop.Token;
            }
        }
    }

    /// <summary>Cancelled by the second one.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>What Ctrl+C does.</summary>
    public void Press()
    {
        // Whoever waits goes on within Cancel, and must not find the gate shut.
        CancellationTokenSource stop;
        lock (_gate)
        {
            stop = _stop;
        }

        (stop.IsCancellationRequested ? _end : stop).Cancel();
    }

    /// <summary>Forgets a first Ctrl+C: the next one is a first again.</summary>
    public void Rearm()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                _stop.Dispose();
                _stop = new CancellationTokenSource();
            }
        }
    }

    /// <summary>Gives Ctrl+C back to the system.</summary>
    public void Dispose()
    {
        _signal.Dispose();
        _stop.Dispose();
        _end.Dispose();
    }
}
