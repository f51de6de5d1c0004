using DenseConnector.Chat;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace DenseConnector.Cli.Serving;

/// <summary>Puts the server together: its services, and the way a request takes through it.</summary>
internal static class Server
{
    /// <summary>Builds the server; it loads its model while it starts.</summary>
    /// <param name="settings">What is served, where and to whom.</param>
    /// <param name="configure">Changes the services, or adds a log.</param>
    public static WebApplication Create(ServerSettings settings, Action<IHostApplicationBuilder>? configure = null)
    {
        // Nothing but the command line decides: no variables, no files of the current folder.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.Limits.MaxBodyBytes;
        });
        AddServices(builder.Services, settings);
        configure?.Invoke(builder);
        WebApplication app = builder.Build();
        foreach (ListenAddress address in settings.Addresses)
        {
            app.Urls.Add(address.Url);
        }

        Map(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, ServerSettings settings)
    {
        RemoteImages remote = new(settings.ImageHosts, settings.Limits.MaxBodyBytes);
        services.AddSingleton(settings);
        services.AddSingleton(remote);
        services.AddSingleton(provider => new ChatImageReader(new ChatClientOptions
        {
            Images = new ImageOptions { MaxPixels = settings.Limits.MaxPixels },
            OpenRemoteImage = provider.GetRequiredService<RemoteImages>().OpenAsync,
            MaxRemoteImageBytes = settings.Limits.MaxBodyBytes,
            RemoteImageTimeout = settings.Limits.RemoteImageTime,
        }));
        services.AddSingleton(new RequestQueue(settings.ModelOptions.MaxConcurrency, settings.Limits.MaxWaiting));
        services.AddSingleton<Drain>();
        services.AddSingleton<ServedModel>();
        services.AddSingleton<ChatRequestReader>();
        services.AddSingleton<ChatCompletions>();
        services.AddSingleton<ServerMeter>();
        services.AddSingleton<Metrics>();
        services.AddRouting();
        services.AddDenseConnector(model =>
        {
            model.Model = settings.Model;
            model.Options = settings.ModelOptions;
        });
        services.AddHealthChecks()
            .AddDenseConnector()
            .AddCheck<OpenCheck>("open");
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.Configure<HostOptions>(
            host => host.ShutdownTimeout = settings.DrainTime + Drain.Grace + TimeSpan.FromSeconds(5));
    }

    private static void Map(WebApplication app)
    {
        // Metrics must listen, and the meter be there, before the first request.
        app.Services.GetRequiredService<ServerMeter>();
        Metrics metrics = app.Services.GetRequiredService<Metrics>();
        ServedModel model = app.Services.GetRequiredService<ServedModel>();
        ChatCompletions chat = app.Services.GetRequiredService<ChatCompletions>();

        app.Use(Page.ProtectAsync);
        app.UseMiddleware<ErrorResponses>();
        app.UseMiddleware<SameOriginCheck>();
        app.UseRouting();
        app.UseMiddleware<ApiKeyCheck>();

        app.MapPost("/v1/chat/completions", chat.AnswerAsync);
        app.MapGet("/v1/models", model.ListAsync);
        app.MapGet("/v1/models/{**id}", model.DescribeAsync);
        app.MapGet("/metrics", metrics.WriteAsync);
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready").AllowAnonymous();
        app.MapGet("/", new Page("index.html", "text/html; charset=utf-8").SendAsync).AllowAnonymous();
        app.MapGet("/app.css", new Page("app.css", "text/css; charset=utf-8").SendAsync).AllowAnonymous();
        app.MapGet("/app.js", new Page("app.js", "text/javascript; charset=utf-8").SendAsync).AllowAnonymous();
    }

    /// <summary>Not ready any more once new requests are sent away.</summary>
    private sealed class OpenCheck(RequestQueue queue) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
            queue.IsClosed ? HealthCheckResult.Unhealthy("The server is shutting down.") : HealthCheckResult.Healthy());
    }
}
