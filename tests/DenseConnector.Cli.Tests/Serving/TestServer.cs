using System.Net.Http.Json;
using System.Text.Json;
using DenseConnector.Cli.Commands;
using DenseConnector.Cli.Serving;
using DenseConnector.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DenseConnector.Cli.Tests.Serving;

/// <summary>The server in this process, at a port of its own, with the bundled model.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string Model = ModelArguments.Bundled;

    private readonly WebApplication _app;

    private TestServer(WebApplication app)
    {
        _app = app;
        Address = app.Urls.Single();
        Http = new HttpClient { BaseAddress = new Uri(Address) };
    }

    /// <summary>The <c>data:</c> URL of <see cref="ToolRun.Picture"/>.</summary>
    public static string Picture { get; } =
        $"data:image/jpeg;base64,{Convert.ToBase64String(File.ReadAllBytes(ToolRun.Picture))}";

    public string Address { get; }

    public HttpClient Http { get; }

    /// <summary>The loaded model.</summary>
    public DenseConnectorModel Loaded => Get<ServedModel>().Model;

    /// <summary>Starts a server; its model is loaded, unless it is not waited for.</summary>
    public static async Task<TestServer> StartAsync(
        Func<ServerSettings, ServerSettings>? change = null,
        Action<IHostApplicationBuilder>? configure = null,
        bool loaded = true)
    {
        ServerSettings settings = new() { Model = Model, Addresses = ListenAddress.ParseAll("http://127.0.0.1:0") };
        WebApplication app = Server.Create(change?.Invoke(settings) ?? settings, configure);
        await app.StartAsync();
        if (loaded)
        {
            await app.Services.GetRequiredService<SharedModel>().GetAsync();
        }

        return new TestServer(app);
    }

    /// <summary>A request of <see cref="ToolRun.Question"/> about <see cref="ToolRun.Picture"/>.</summary>
    public static Dictionary<string, object?> Ask(params (string Name, object? Value)[] further)
    {
        Dictionary<string, object?> body = new() { ["model"] = Model, ["messages"] = new[] { Question(Picture) } };
        foreach ((string name, object? value) in further)
        {
            body[name] = value;
        }

        return body;
    }

    /// <summary>The user's message with pictures and <see cref="ToolRun.Question"/>.</summary>
    public static object Question(params string[] pictures) => new
    {
        role = "user",
        content = pictures.Select(url => (object)new { type = "image_url", image_url = new { url } })
            .Append(new { type = "text", text = ToolRun.Question }),
    };

    /// <summary>The data of a stream's events.</summary>
    public static string[] Events(string stream)
    {
        Assert.EndsWith("\n\n", stream, StringComparison.Ordinal);
        string[] events = stream[..^2].Split("\n\n");
        Assert.All(events, data => Assert.StartsWith("data: ", data, StringComparison.Ordinal));
        return [.. events.Select(data => data["data: ".Length..])];
    }

    /// <summary>Waits for what comes soon after something else.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource never = new(TimeSpan.FromMinutes(1));
        while (!await condition())
        {
            await Task.Delay(5, never.Token);
        }
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Begins to end the server, as SIGTERM does.</summary>
    public Task StopAsync() => _app.StopAsync();

    public Task<HttpResponseMessage> PostAsync(object body, CancellationToken cancellationToken = default) =>
        Http.PostAsJsonAsync("/v1/chat/completions", body, cancellationToken);

    /// <summary>Posts and gives the body, which must come with this status.</summary>
    public async Task<JsonElement> PostAsync(object body, int status)
    {
        using HttpResponseMessage response = await PostAsync(body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>The first answer's text.</summary>
    public async Task<string?> AnswerAsync(object body) => (await PostAsync(body, 200))
        .GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();

    /// <summary>Posts what must be refused with this status, and checks the error's form.</summary>
    public async Task<string> RefusedAsync(object body, int status, string? parameter, string? code)
    {
        JsonElement error = (await PostAsync(body, status)).GetProperty("error");
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.False(string.IsNullOrEmpty(error.GetProperty("type").GetString()));
        return error.GetProperty("message").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
