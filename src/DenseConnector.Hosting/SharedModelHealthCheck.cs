using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DenseConnector.Hosting;

/// <summary>Whether a shared model can answer: healthy once it is loaded and warmed up.</summary>
/// <param name="model">The model.</param>
internal sealed class SharedModelHealthCheck(SharedModel model) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        model.Load switch
        {
            { IsCompletedSuccessfully: true } => HealthCheckResult.Healthy($"The model {model.Name} is ready."),
            { IsCompleted: true } load => new HealthCheckResult(
                context.Registration.FailureStatus,
                $"The model {model.Name} cannot be loaded.",
                load.Exception?.InnerException),
            null => new HealthCheckResult(
                context.Registration.FailureStatus, $"The model {model.Name} is not loaded yet."),
            _ => new HealthCheckResult(context.Registration.FailureStatus, $"The model {model.Name} is loading."),
        });
}
