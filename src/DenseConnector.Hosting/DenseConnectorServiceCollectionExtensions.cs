using DenseConnector.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds models to an application's services.</summary>
public static class DenseConnectorServiceCollectionExtensions
{
    private const string HealthCheckName = "denseconnector";

    /// <summary>Adds a model that the application's services share.</summary>
    /// <remarks>
    /// Inject <see cref="IChatClient"/>, or <see cref="SharedModel"/> for the model itself. The model begins to load
    /// when the host starts, without holding the start up; requests wait for it. Settings are checked at the start, and
    /// a load that fails ends the application. An <see cref="IChatClient"/> that is registered already stays.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">
    /// Says which model; calls for the same key apply one after the other to one and the same model. May be left out
    /// where <c>AddOptions&lt;DenseConnectorSettings&gt;()</c> binds a section of the configuration.
    /// </param>
    public static IServiceCollection AddDenseConnector(
        this IServiceCollection services, Action<DenseConnectorSettings>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        AddSettings(services, Options.Options.DefaultName, configure);
        if (services.All(service => service.IsKeyedService || service.ServiceType != typeof(SharedModel)))
        {
            services.AddSingleton(provider => Create(provider, Options.Options.DefaultName));
            services.TryAddSingleton(provider => provider.GetRequiredService<SharedModel>().AsIChatClient());
            services.AddSingleton<IHostedService>(
                provider => new ModelLoading(provider.GetRequiredService<SharedModel>()));
        }

        return services;
    }

    /// <summary>
    /// Adds a model under a key, beside others: as
    /// <see cref="AddDenseConnector(IServiceCollection, Action{DenseConnectorSettings}?)"/>, with all services keyed.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key, which is also the name of the settings.</param>
    /// <param name="configure">Says which model.</param>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public static IServiceCollection AddKeyedDenseConnector(
        this IServiceCollection services, string key, Action<DenseConnectorSettings>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(key);
        AddSettings(services, key, configure);
        if (services.All(service => service.ServiceType != typeof(SharedModel) || !key.Equals(service.ServiceKey)))
        {
            services.AddKeyedSingleton(key, (provider, _) => Create(provider, key));
            services.TryAddKeyedSingleton(
                key, (provider, _) => provider.GetRequiredKeyedService<SharedModel>(key).AsIChatClient());
            services.AddSingleton<IHostedService>(
                provider => new ModelLoading(provider.GetRequiredKeyedService<SharedModel>(key)));
        }

        return services;
    }

    /// <summary>Adds a check that is healthy once the shared model is loaded and warmed up: for readiness.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="key">The model's key; <c>null</c> for the one without.</param>
    /// <param name="tags">The check's tags, to tell readiness from liveness.</param>
    public static IHealthChecksBuilder AddDenseConnector(
        this IHealthChecksBuilder builder, string? key = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            key is null ? HealthCheckName : $"{HealthCheckName}:{key}",
            provider => new SharedModelHealthCheck(
                key is null
                    ? provider.GetRequiredService<SharedModel>()
                    : provider.GetRequiredKeyedService<SharedModel>(key)),
            failureStatus: null,
            tags));
    }

    private static void AddSettings(IServiceCollection services, string name, Action<DenseConnectorSettings>? configure)
    {
        OptionsBuilder<DenseConnectorSettings> settings = services.AddOptions<DenseConnectorSettings>(name)
            .Validate(
                settings => !string.IsNullOrWhiteSpace(settings.Model),
                "DenseConnectorSettings.Model is empty; give a checkpoint's folder, a name of the catalog, or a " +
                "repository (owner/name).")
            .Validate(
                settings => settings is { Options: not null, Chat: not null },
                "DenseConnectorSettings.Options or Chat is null; leave it out for the defaults.")
            .ValidateOnStart();
        if (configure is not null)
        {
            settings.Configure(configure);
        }
    }

    private static SharedModel Create(IServiceProvider provider, string name) => new(
        provider.GetRequiredService<IOptionsMonitor<DenseConnectorSettings>>().Get(name),
        provider.GetService<ILogger<SharedModel>>() ?? NullLogger<SharedModel>.Instance);
}
