using Microsoft.Extensions.Hosting;

namespace DenseConnector.Cli.Serving;

/// <summary>
/// Lets answers under way finish when the application stops, before its listener closes; new requests are told so.
/// </summary>
/// <param name="queue">Who is in the server.</param>
/// <param name="settings">How long they may take.</param>
internal sealed class Drain(RequestQueue queue, ServerSettings settings) : IHostedLifecycleService, IDisposable
{
    /// <summary>What answers that did not finish in time get to say so, before the application ends.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _over = new();

    /// <summary>Cancelled when the time is over: what still runs must end.</summary>
    public CancellationToken Over => _over.Token;

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Task empty = queue.CloseAsync();
        try
        {
            await empty.WaitAsync(settings.DrainTime, cancellationToken);
        }
        catch (TimeoutException)
        {
            await _over.CancelAsync();
            await Task.WhenAny(empty, Task.Delay(Grace, cancellationToken));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
