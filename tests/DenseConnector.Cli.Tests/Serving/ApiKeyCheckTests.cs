using System.Net;
using System.Net.Http.Headers;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class ApiKeyCheckTests
{
    [Fact]
    public async Task Server_WithAKey_LetsOnlyThatThrough()
    {
        await using TestServer server = await TestServer.StartAsync(settings => settings with { ApiKey = "right" });
        foreach (string path in new[] { "/v1/models", "/v1/models/x", "/metrics", "/nowhere", "/v1/chat/completions" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, path, null));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, path, new("Bearer", "wrong")));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, path, new("Bearer", "righ")));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, path, new("Basic", "right")));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/v1/models", new("Bearer", "right")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/metrics", new("Bearer", "right")));
        foreach (string path in new[] { "/", "/app.js", "/app.css", "/health/live", "/health/ready" })
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, path, null));
        }

        await server.RefusedAsync(TestServer.Ask(), 401, null, "invalid_api_key");
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "right");
        Assert.Equal(ToolRun.Answer, await server.AnswerAsync(TestServer.Ask()));
    }

    [Fact]
    public async Task Refusal_OfARequest_NamesTheScheme()
    {
        await using TestServer server = await TestServer.StartAsync(
            settings => settings with { ApiKey = "right" }, loaded: false);

        using HttpResponseMessage response = await server.Http.GetAsync("/v1/models");

        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    private static async Task<HttpStatusCode> StatusAsync(
        TestServer server, string path, AuthenticationHeaderValue? authorization)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = authorization;
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        return response.StatusCode;
    }
}
