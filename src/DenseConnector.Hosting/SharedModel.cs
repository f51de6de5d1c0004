using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace DenseConnector.Hosting;

/// <summary>The one model that an application's services share: loaded once, whoever asks first.</summary>
/// <remarks>
/// Thread-safe. A load that failed stays failed: every later question gets its error. Disposing ends a load under way
/// and frees the model; the application's container does that.
/// </remarks>
public sealed class SharedModel : IAsyncDisposable, IDisposable
{
    private readonly DenseConnectorSettings _settings;
    private readonly ILogger _logger;
    private readonly Lazy<Task<DenseConnectorModel>> _model;
    private readonly CancellationTokenSource _disposed = new();

    internal SharedModel(DenseConnectorSettings settings, ILogger<SharedModel> logger)
    {
        _settings = settings;
        _logger = logger;
        _model = new Lazy<Task<DenseConnectorModel>>(LoadAsync);
    }

    /// <summary>The load, if it has begun: what a health check looks at.</summary>
    internal Task<DenseConnectorModel>? Load => _model.IsValueCreated ? _model.Value : null;

    /// <summary>Gets how far the load has come; set before the load begins.</summary>
    internal IProgress<LoadProgress>? Progress { get; set; }

    /// <summary>What the model is called in the settings.</summary>
    internal string Name => _settings.Model;

    /// <summary>Gives the model, which is loaded and warmed up first if it is not yet.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the load.</param>
    /// <exception cref="DenseConnectorException">The model cannot be loaded.</exception>
    /// <exception cref="ObjectDisposedException">The shared model is disposed.</exception>
    public Task<DenseConnectorModel> GetAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        return _model.Value.WaitAsync(cancellationToken);
    }

    /// <summary>Gives a chat client that waits for the model at its first request.</summary>
    public IChatClient AsIChatClient() => new SharedModelChatClient(this, _settings.Chat);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed.IsCancellationRequested)
        {
            return;
        }

        await _disposed.CancelAsync().ConfigureAwait(false);
        if (Load is Task<DenseConnectorModel> load)
        {
            await ((Task)load).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (load.IsCompletedSuccessfully)
            {
                await (await load.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
        }

        _disposed.Dispose();
    }

    /// <summary>As <see cref="DisposeAsync"/>, for containers that are disposed of synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task<DenseConnectorModel> LoadAsync()
    {
        Log.Loading(_logger, _settings.Model);
        long start = Stopwatch.GetTimestamp();
        try
        {
            DenseConnectorModel model = await DenseConnectorModel.LoadAsync(
                _settings.Model, _settings.Options, Progress, _disposed.Token).ConfigureAwait(false);
            try
            {
                await WarmUpAsync(model).ConfigureAwait(false);
            }
            catch
            {
                await model.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            ModelInfo info = model.Info;
            Log.Ready(
                _logger, info.Name, info.Device, info.Precision, info.Quantization,
                Stopwatch.GetElapsedTime(start).TotalSeconds);
            return model;
        }
        catch (OperationCanceledException) when (_disposed.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) // Only told: it goes on to everyone who asks for the model.
        {
            Log.Failed(_logger, _settings.Model, e);
            throw;
        }
    }

    private async Task WarmUpAsync(DenseConnectorModel model)
    {
        if (_settings.WarmUp)
        {
            ImageInput black = ImageInput.FromPixels(1, 1, new byte[3]);
            await model.GenerateAsync(
                new Prompt("Describe the image.", black), new GenerationOptions { MaxNewTokens = 1 }, _disposed.Token)
                .ConfigureAwait(false);
        }
    }
}
