using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Tests.Evaluation.Judging;

/// <summary>A server of a judge that replies by a function of the request and its number.</summary>
internal sealed class JudgeEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Func<JsonElement, int, Task<JudgeResponse>> _reply;
    private int _running;

    private JudgeEndpoint(WebApplication app, Func<JsonElement, int, Task<JudgeResponse>> reply) =>
        (_app, _reply) = (app, reply);

    /// <summary>What was asked, in the order in which it came.</summary>
    public ConcurrentQueue<JsonElement> Asked { get; } = [];

    /// <summary>The keys that came with it; <c>null</c> for none.</summary>
    public ConcurrentQueue<string?> Keys { get; } = [];

    /// <summary>The most requests there were at once.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>The server's address as a user names it.</summary>
    public string Url => _app.Urls.Single() + "/v1";

    /// <summary>A server that always replies.</summary>
    public static Task<JudgeEndpoint> StartAsync(Func<JsonElement, string> reply) =>
        StartAsync((request, _) => JudgeResponse.Of(reply(request)));

    /// <summary>A server that may also fail.</summary>
    public static Task<JudgeEndpoint> StartAsync(Func<JsonElement, int, JudgeResponse> reply) =>
        StartAsync((request, number) => Task.FromResult(reply(request, number)));

    /// <summary>A server that may take its time.</summary>
    public static async Task<JudgeEndpoint> StartAsync(Func<JsonElement, int, Task<JudgeResponse>> reply)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        JudgeEndpoint endpoint = new(app, reply);
        app.Run(endpoint.ServeAsync);
        await app.StartAsync();
        return endpoint;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ServeAsync(HttpContext http)
    {
        Assert.Equal(("POST", "/v1/chat/completions"), (http.Request.Method, http.Request.Path.Value));
        JsonElement request = (await JsonDocument.ParseAsync(http.Request.Body)).RootElement;
        int number;
        lock (_app)
        {
            number = Asked.Count;
            Asked.Enqueue(request);
            Keys.Enqueue(http.Request.Headers.Authorization);
            MostAtOnce = Math.Max(MostAtOnce, ++_running);
        }

        JudgeResponse response = await _reply(request, number);
        lock (_app)
        {
            _running--;
        }

        http.Response.StatusCode = response.Status;
        http.Response.ContentType = "application/json";
        http.Response.Headers.RetryAfter = "0";
        await http.Response.WriteAsync(response.Body);
    }
}

/// <summary>What the server of a judge sends.</summary>
internal sealed record JudgeResponse(int Status, string Body)
{
    /// <summary>The model that says it replied.</summary>
    public const string Model = "gpt-judge-0001";

    /// <summary>A reply.</summary>
    public static JudgeResponse Of(string text) => new(200, new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion",
        ["created"] = 1,
        ["model"] = Model,
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["finish_reason"] = "stop",
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text },
        }),
    }.ToJsonString());

    /// <summary>An error in the form of the API.</summary>
    public static JudgeResponse Failed(int status, string message) => new(status, new JsonObject
    {
        ["error"] = new JsonObject { ["message"] = message, ["type"] = "some_error", ["code"] = null },
    }.ToJsonString());
}
