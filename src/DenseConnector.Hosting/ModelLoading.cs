using Microsoft.Extensions.Hosting;

namespace DenseConnector.Hosting;

/// <summary>Loads a shared model while the application starts, without holding the start up.</summary>
/// <remarks>A load that fails ends the application, unless its <c>HostOptions</c> say otherwise.</remarks>
/// <param name="model">The model.</param>
internal sealed class ModelLoading(SharedModel model) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => model.GetAsync(stoppingToken);
}
