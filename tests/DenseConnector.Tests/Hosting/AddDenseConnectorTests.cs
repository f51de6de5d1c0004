using DenseConnector.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DenseConnector.Tests.Hosting;

/// <summary>Models in a real host.</summary>
public sealed class AddDenseConnectorTests
{
    private const string Question = TinyModelFixture.Question;

    [Fact]
    public async Task AddDenseConnector_Host_AnswersThroughItsChatClient()
    {
        using IHost host = Build(
            services => services.AddDenseConnector(settings => settings.Model = TestData.TinyModel));
        await host.StartAsync();

        string answer = await AskAsync(host.Services.GetRequiredService<IChatClient>());

        Assert.Equal(TinyModelFixture.Answer, answer);
        await host.StopAsync();
    }

    [Fact]
    public async Task AddDenseConnector_EveryService_SharesOneModel()
    {
        using IHost host = Build(services => services
            .AddDenseConnector(settings => settings.Model = "replaced below")
            .AddDenseConnector(settings => settings.Model = TestData.TinyModel));
        await host.StartAsync();
        SharedModel shared = host.Services.GetRequiredService<SharedModel>();

        DenseConnectorModel[] models = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => shared.GetAsync())));
        IChatClient client = host.Services.GetRequiredService<IChatClient>();
        await AskAsync(client);

        Assert.Single(models.Distinct());
        Assert.Same(models[0], client.GetService<DenseConnectorModel>());
        Assert.Same(shared, client.GetService<SharedModel>());
        Assert.Single(host.Services.GetServices<SharedModel>());
    }

    [Fact]
    public async Task AddKeyedDenseConnector_TwoKeys_AreTwoModels()
    {
        using ModelCopy copy = new();
        copy.Set("prompt_template", "vicuna_v1");
        using IHost host = Build(services => services
            .AddKeyedDenseConnector("small", settings => settings.Model = TestData.TinyModel)
            .AddKeyedDenseConnector("copy", settings => settings.Model = copy.Path));
        await host.StartAsync();

        DenseConnectorModel small = await host.Services.GetRequiredKeyedService<SharedModel>("small").GetAsync();
        DenseConnectorModel other = await host.Services.GetRequiredKeyedService<SharedModel>("copy").GetAsync();

        Assert.Equal(TestData.TinyModel, small.Info.Folder);
        Assert.Equal(copy.Path, other.Info.Folder);
        Assert.Null(host.Services.GetService<SharedModel>());
        IChatClient client = host.Services.GetRequiredKeyedService<IChatClient>("copy");
        Assert.Same(other, client.GetService<DenseConnectorModel>());
    }

    [Fact]
    public async Task StartAsync_NoModelNamed_SaysWhatToSet()
    {
        using IHost host = Build(services => services.AddDenseConnector());

        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => host.StartAsync());

        Assert.Contains("DenseConnectorSettings.Model is empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddDenseConnector_NoModelNamed_IsFoundByTheChecksOfTheStart()
    {
        using IHost host = Build(services => services.AddDenseConnector());
        IStartupValidator checks = host.Services.GetRequiredService<IStartupValidator>();

        Assert.Throws<OptionsValidationException>(checks.Validate);
    }

    [Fact]
    public async Task AddDenseConnector_Configuration_IsBound()
    {
        using IHost host = Build(
            services =>
            {
                services.AddDenseConnector();
                services.AddOptions<DenseConnectorSettings>().BindConfiguration("Vision");
            },
            ("Vision:Model", TestData.TinyModel),
            ("Vision:WarmUp", "false"),
            ("Vision:Options:MaxConcurrency", "3"),
            ("Vision:Chat:AllowFileUris", "true"));

        DenseConnectorSettings settings =
            host.Services.GetRequiredService<IOptionsMonitor<DenseConnectorSettings>>().CurrentValue;
        await host.StartAsync();

        Assert.Equal(TestData.TinyModel, settings.Model);
        Assert.False(settings.WarmUp);
        Assert.Equal(3, settings.Options.MaxConcurrency);
        Assert.True(settings.Chat.AllowFileUris);
    }

    [Fact]
    public async Task AddDenseConnector_ModelMissing_EndsTheApplicationAndIsLogged()
    {
        LogLines lines = new();
        using IHost host = Build(services => services
            .AddDenseConnector(settings => settings.Model = "/no/such/model")
            .AddLogging(logging => logging.AddProvider(lines))
            .AddHealthChecks().AddDenseConnector());
        TaskCompletionSource stopping = new();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);

        await host.StartAsync();

        await stopping.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<CheckpointException>(
            () => AskAsync(host.Services.GetRequiredService<IChatClient>()));
        HealthReportEntry health = await CheckAsync(host, "denseconnector");
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.IsType<CheckpointException>(health.Exception);
        Assert.Contains(lines.Of(LogLevel.Error), line => line == "The model /no/such/model cannot be loaded.");
    }

    [Fact]
    public async Task AddDenseConnector_HealthCheck_IsHealthyWhenTheModelIsReady()
    {
        using IHost host = Build(services => services
            .AddKeyedDenseConnector("tiny", settings => settings.Model = TestData.TinyModel)
            .AddHealthChecks().AddDenseConnector("tiny", ["ready"]));

        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host, "denseconnector:tiny")).Status);
        await host.Services.GetRequiredKeyedService<SharedModel>("tiny").GetAsync();

        HealthReportEntry health = await CheckAsync(host, "denseconnector:tiny");
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.Equal(["ready"], health.Tags);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetAsync_WarmUp_HasAnsweredOnce(bool warmUp)
    {
        using IHost host = Build(services => services.AddDenseConnector(settings =>
        {
            settings.Model = TestData.TinyModel;
            settings.WarmUp = warmUp;
        }));

        DenseConnectorModel model = await host.Services.GetRequiredService<SharedModel>().GetAsync();

        long visualBytes = await model.Thread.RunAsync(() => model.Scheduler.KeptVisualBytes);
        Assert.Equal(warmUp, visualBytes > 0);
    }

    [Fact]
    public async Task Information_Log_HoldsNoPromptAndNoAnswer()
    {
        LogLines lines = new();
        using IHost host = Build(services => services
            .AddDenseConnector(settings => settings.Model = TestData.TinyModel)
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(lines)));
        await host.StartAsync();

        await AskAsync(host.Services.GetRequiredService<IChatClient>());

        Assert.Contains(lines.All, line => line == $"Loading the model {TestData.TinyModel}.");
        Assert.Contains(lines.All, line => line.Contains("is ready on cpu (Float32, quantization None) after",
            StringComparison.Ordinal));
        Assert.DoesNotContain(lines.All, line => line.Contains(Question, StringComparison.Ordinal));
        Assert.DoesNotContain(lines.All, line => line.Contains("green star", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dispose_Host_FreesTheModel()
    {
        IHost host = Build(services => services.AddDenseConnector(settings => settings.Model = TestData.TinyModel));
        SharedModel shared = host.Services.GetRequiredService<SharedModel>();
        DenseConnectorModel model = await shared.GetAsync();

        host.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.GenerateAsync("Hello"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => shared.GetAsync());
    }

    [Fact]
    public void Dispose_BeforeAnyLoad_DoesNothing()
    {
        ServiceCollection services = new();
        services.AddDenseConnector(settings => settings.Model = TestData.TinyModel);
        ServiceProvider provider = services.BuildServiceProvider();
        provider.GetRequiredService<SharedModel>();

        provider.Dispose();
    }

    [Fact]
    public async Task GetAsync_WaiterCancelled_LeavesTheLoadToOthers()
    {
        using IHost host = Build(
            services => services.AddDenseConnector(settings => settings.Model = TestData.TinyModel));
        SharedModel shared = host.Services.GetRequiredService<SharedModel>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shared.GetAsync(new CancellationToken(true)));

        Assert.NotNull(await shared.GetAsync());
    }

    [Fact]
    public void GetService_BeforeTheLoad_GivesMetadata()
    {
        using IHost host = Build(services => services.AddDenseConnector(settings => settings.Model = "owner/name"));
        IChatClient client = host.Services.GetRequiredService<IChatClient>();

        Assert.Equal("owner/name", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Null(client.GetService<DenseConnectorModel>());
        Assert.Same(client, client.GetService<IChatClient>());
    }

    [Fact]
    public void AddDenseConnector_ChatClientOfTheApplication_Stays()
    {
        using IHost host = Build(services =>
        {
            services.AddChatClient(provider => provider.GetRequiredService<SharedModel>().AsIChatClient())
                .UseFunctionInvocation();
            services.AddDenseConnector(settings => settings.Model = TestData.TinyModel);
        });

        Assert.IsType<FunctionInvokingChatClient>(Assert.Single(host.Services.GetServices<IChatClient>()));
    }

    [Fact]
    public void AddKeyedDenseConnector_EmptyKey_Throws() =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddKeyedDenseConnector(string.Empty));

    private static IHost Build(Action<IServiceCollection> configure, params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)));
        configure(builder.Services);
        return builder.Build();
    }

    private static async Task<string> AskAsync(IChatClient client)
    {
        byte[] picture = await File.ReadAllBytesAsync(
            Path.Combine(TestData.Fixtures, "tiny-eval", "images", "ex_001.png"));
        ChatMessage message = new(
            ChatRole.User, [new DataContent(picture, "image/png"), new TextContent(Question)]);
        string streamed = string.Concat(await client.GetStreamingResponseAsync(message).ToListAsync());
        Assert.Equal(streamed, (await client.GetResponseAsync(message)).Text);
        return streamed;
    }

    private static async Task<HealthReportEntry> CheckAsync(IHost host, string name) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[name];
}
