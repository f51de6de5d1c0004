using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DenseConnector.Cli.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class RemoteImagesTests : IAsyncLifetime
{
    private const string Host = "pictures.example";
    private const string Url = $"https://{Host}/shapes.jpg";

    private readonly List<IPEndPoint> _connected = [];
    private readonly List<string> _resolved = [];
    private ServerLimits _limits = new() { MaxBodyBytes = 40_000 };
    private IPAddress[] _addresses = [IPAddress.Parse("1.1.1.1")];
    private RequestDelegate _serve = http => http.Response.SendFileAsync(ToolRun.Picture);
    private WebApplication _pictures = null!;

    public async Task InitializeAsync()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new(
            $"CN={Host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        X509Certificate2 certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.MaxValue);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        _pictures = builder.Build();
        _pictures.Run(http => _serve(http));
        await _pictures.StartAsync();
    }

    public async Task DisposeAsync() => await _pictures.DisposeAsync();

    [Fact]
    public async Task Picture_OfAnAllowedHost_IsFetchedFromItsPublicAddress()
    {
        await using TestServer server = await StartAsync(Host);

        Assert.Equal(ToolRun.Answer, await server.AnswerAsync(Ask(Url)));
        Assert.Equal(Host, Assert.Single(_resolved));
        Assert.Equal(new IPEndPoint(_addresses[0], 443), Assert.Single(_connected));
    }

    [Fact]
    public async Task Picture_WithNoHostAllowed_IsRefused()
    {
        await using TestServer server = await StartAsync();

        await RefusedAsync(server, Url);
    }

    [Theory]
    [InlineData("https://other.example/shapes.jpg")]
    [InlineData("https://pictures.example.evil.example/shapes.jpg")]
    [InlineData("https://a.pictures.example/shapes.jpg")]
    [InlineData("https://pictures.example:8443/shapes.jpg")]
    [InlineData("https://me@pictures.example/shapes.jpg")]
    public async Task Picture_OfAnotherHost_IsRefused(string url)
    {
        await using TestServer server = await StartAsync(Host);

        await RefusedAsync(server, url);
    }

    [Theory]
    [InlineData("http://pictures.example/shapes.jpg")]
    [InlineData("ftp://pictures.example/shapes.jpg")]
    [InlineData("shapes.jpg")]
    public async Task Picture_OfAnotherScheme_IsRefused(string url)
    {
        await using TestServer server = await StartAsync(Host);

        await server.RefusedAsync(Ask(url), 400, Place, "invalid_image_url");
        Assert.Empty(_resolved);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("1.1.1.1", "10.0.0.1")]
    [InlineData]
    public async Task Host_ThatStandsForAnAddressInside_IsNotConnectedTo(params string[] addresses)
    {
        _addresses = [.. addresses.Select(IPAddress.Parse)];
        await using TestServer server = await StartAsync(Host);

        string message = await server.RefusedAsync(Ask(Url), 422, "messages", "invalid_image");

        Assert.Contains("no public address", message, StringComparison.Ordinal);
        Assert.Empty(_connected);
    }

    [Fact]
    public async Task Redirect_FromTheHost_IsNotFollowed()
    {
        int asked = 0;
        _serve = http =>
        {
            asked++;
            http.Response.Redirect("https://pictures.example/other.jpg");
            return Task.CompletedTask;
        };
        await using TestServer server = await StartAsync(Host);

        string message = await server.RefusedAsync(Ask(Url), 422, "messages", "invalid_image");

        Assert.Contains("redirects are not followed", message, StringComparison.Ordinal);
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Picture_LargerThanAllowed_IsNotRead(bool saysSo)
    {
        byte[] picture = await File.ReadAllBytesAsync(ToolRun.Picture);
        byte[] large = [.. picture, .. new byte[40_000]];
        _serve = http =>
        {
            http.Response.ContentLength = saysSo ? large.Length : null;
            return http.Response.Body.WriteAsync(large).AsTask();
        };
        await using TestServer server = await StartAsync(Host);

        string message = await server.RefusedAsync(Ask(Url), 422, "messages", "invalid_image");

        Assert.Contains("bytes", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Picture_ThatDoesNotArrive_IsNotWaitedFor()
    {
        _limits = _limits with { RemoteImageTime = TimeSpan.FromMilliseconds(20) };
        _serve = http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        await using TestServer server = await StartAsync(Host);

        string message = await server.RefusedAsync(Ask(Url), 422, "messages", "invalid_image");

        Assert.Contains("was not read within 0.02 seconds", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_WithASecret_IsNotTold()
    {
        _serve = http =>
        {
            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        };
        await using TestServer server = await StartAsync(Host);

        string message = await server.RefusedAsync(Ask(Url + "?token=secret"), 422, "messages", "invalid_image");

        Assert.Contains("404", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    private const string Place = "messages[0].content[0].image_url.url";

    private static Dictionary<string, object?> Ask(string url) =>
        TestServer.Ask(("messages", new[] { TestServer.Question(url) }));

    private async Task RefusedAsync(TestServer server, string url)
    {
        await server.RefusedAsync(Ask(url), 400, Place, "remote_image_refused");
        Assert.Empty(_resolved);
    }

    private Task<TestServer> StartAsync(params string[] hosts) => TestServer.StartAsync(
        settings => settings with { ImageHosts = hosts, Limits = _limits },
        builder => builder.Services.AddSingleton(provider => Client(
            provider.GetRequiredService<ServerSettings>())));

    private RemoteImages Client(ServerSettings settings)
    {
        RemoteImages images = new(
            settings.ImageHosts,
            settings.Limits.MaxBodyBytes,
            (host, _) =>
            {
                _resolved.Add(host);
                return Task.FromResult(_addresses);
            },
            async (address, cancellation) =>
            {
                _connected.Add(address);
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, new Uri(_pictures.Urls.Single()).Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            });

        // The name is checked, the authority is not: there is none.
        images.Handler.SslOptions.RemoteCertificateValidationCallback =
            (_, _, _, errors) => !errors.HasFlag(System.Net.Security.SslPolicyErrors.RemoteCertificateNameMismatch);
        return images;
    }
}
