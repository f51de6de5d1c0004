using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DenseConnector.Cli.Serving;
using Microsoft.Extensions.Logging;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class DrainTests
{
    [Fact]
    public async Task Stop_WithAnAnswerUnderWay_FinishesItAndRefusesNewOnes()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HeldEngine engine = await HeldEngine.AfterAsync(server.Loaded, steps: 4);
        Task<string?> answer = server.AnswerAsync(TestServer.Ask());
        await engine.Reached;

        Task stopping = server.StopAsync();
        Assert.True(server.Get<RequestQueue>().IsClosed);
        await server.RefusedAsync(TestServer.Ask(), 503, null, "shutting_down");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, "/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/health/live"));
        Assert.False(stopping.IsCompleted);

        engine.Release();
        Assert.Equal(ToolRun.Answer, await answer);
        await stopping;
        await Assert.ThrowsAsync<HttpRequestException>(() => server.Http.GetAsync("/health/live"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_WithAnAnswerThatTakesTooLong_EndsItWithAnError(bool stream)
    {
        await using TestServer server = await TestServer.StartAsync(
            settings => settings with { DrainTime = TimeSpan.FromMilliseconds(1) });
        using HeldEngine engine = await HeldEngine.AfterAsync(server.Loaded, steps: 4);
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(TestServer.Ask(("stream", stream))),
        };
        Task<HttpResponseMessage> asked = server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await engine.Reached;
        using HttpResponseMessage? begun = stream ? await asked : null;

        Task stopping = server.StopAsync();
        using HttpResponseMessage response = await asked;
        string body = await response.Content.ReadAsStringAsync();
        engine.Release();
        await stopping;

        Assert.Equal(stream ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, response.StatusCode);
        JsonElement error = JsonElement.Parse(stream ? TestServer.Events(body)[^1] : body).GetProperty("error");
        Assert.Equal("shutting_down", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Request_WhileTheModelLoads_IsToldToComeBack()
    {
        using ManualResetEventSlim go = new();
        using RecordingLog log = new(message =>
        {
            if (message.StartsWith("Loading the model", StringComparison.Ordinal))
            {
                go.Wait();
            }
        });
        await using TestServer server = await TestServer.StartAsync(
            configure: builder => builder.Logging.AddProvider(log), loaded: false);

        using (HttpResponseMessage response = await server.PostAsync(TestServer.Ask()))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.NotNull(response.Headers.RetryAfter);
            Assert.Contains("model_loading", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, "/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/health/live"));
        go.Set();
        await server.Get<DenseConnector.Hosting.SharedModel>().GetAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/health/ready"));
        Assert.Equal(ToolRun.Answer, await server.AnswerAsync(TestServer.Ask()));
    }

    private static async Task<HttpStatusCode> StatusAsync(TestServer server, string path)
    {
        using HttpResponseMessage response = await server.Http.GetAsync(path);
        return response.StatusCode;
    }
}
