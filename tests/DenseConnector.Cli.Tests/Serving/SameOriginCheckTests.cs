using System.Net;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class SameOriginCheckTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]:80", 200)]
    [InlineData("evil.example", 400)]
    [InlineData("127.0.0.1.evil.example", 400)]
    public async Task Host_OfALoopbackServer_IsALoopbackName(string host, int status) =>
        Assert.Equal(status, await StatusAsync(_server, host, null));

    [Theory]
    [InlineData("http://localhost", 200)]
    [InlineData("https://localhost", 200)]
    [InlineData("http://localhost:81", 403)]
    [InlineData("https://evil.example", 403)]
    [InlineData("null", 403)]
    public async Task Origin_OfARequest_IsTheServersOwn(string origin, int status) =>
        Assert.Equal(status, await StatusAsync(_server, "localhost", origin));

    [Fact]
    public async Task Response_ToAnybody_AllowsNoOtherOrigin()
    {
        using HttpRequestMessage request = new(HttpMethod.Options, "/v1/chat/completions");
        request.Headers.Add("Origin", _server.Address);
        request.Headers.Add("Access-Control-Request-Method", "POST");

        using HttpResponseMessage response = await _server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.DoesNotContain(
            response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Host_WithNamesGiven_IsOneOfThem()
    {
        await using TestServer server = await TestServer.StartAsync(
            settings => settings with { AllowedHosts = ["model.example"] });

        Assert.Equal(200, await StatusAsync(server, "model.example", "https://model.example"));
        Assert.Equal(200, await StatusAsync(server, "localhost", null));
        Assert.Equal(400, await StatusAsync(server, "other.example", null));
    }

    [Fact]
    public async Task Host_WhereOthersReachTheServer_IsAnyIfNoneIsGiven()
    {
        await using TestServer server = await TestServer.StartAsync(settings => settings with
        {
            Addresses = [settings.Addresses[0] with { IsLoopback = false }],
        });

        Assert.Equal(200, await StatusAsync(server, "any.example", null));
    }

    private static async Task<int> StatusAsync(TestServer server, string host, string? origin)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
        request.Headers.Host = host;
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using HttpResponseMessage response = await server.Http.SendAsync(request);
        return (int)response.StatusCode;
    }
}
