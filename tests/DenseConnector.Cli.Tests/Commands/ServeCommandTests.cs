using System.Text.RegularExpressions;
using DenseConnector.Tests.Hub;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class ServeCommandTests
{
    [UnixFact]
    public async Task Serve_UntilTerminated_SaysWhereAndEndsWell()
    {
        using ToolProcess serve = ToolProcess.WithVariables(
            [("DENSECONNECTOR_API_KEY", "secret")], "serve", "--urls", "http://127.0.0.1:0");
        string line = (await serve.ReadLineAsync())!;
        Match ready = Regex.Match(
            line, @"^dense-connector-tiny is ready at (http://127\.0\.0\.1:[1-9]\d*) \(Ctrl\+C ends the server\)\.$");
        Assert.True(ready.Success, line);
        using HttpClient http = new() { BaseAddress = new Uri(ready.Groups[1].Value) };

        using HttpResponseMessage healthy = await http.GetAsync("/health/ready");
        using HttpResponseMessage refused = await http.GetAsync("/v1/models");
        http.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        using HttpResponseMessage answered = await http.GetAsync("/v1/models");
        serve.Terminate();
        (int code, string output, string errors) = await serve.EndAsync();

        Assert.Equal([200, 401, 200], new[] { healthy, refused, answered }.Select(one => (int)one.StatusCode));
        Assert.Equal(ExitCode.Success, code);
        Assert.Empty(output);
        Assert.Contains("Loading the model", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("warn", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Serve_ToOtherMachinesWithoutAKey_Warns()
    {
        using ToolProcess serve = ToolProcess.WithVariables([], "serve", "--urls", "http://0.0.0.0:0");
        await serve.ReadLineAsync();
        serve.Interrupt();
        (int code, _, string errors) = await serve.EndAsync();

        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("it asks for no key", errors, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Serve_OfARepository_TellsWhatItDownloads()
    {
        using FakeHub hub = new();
        hub.AddFolder("owner/tiny", ToolRun.TinyModel);
        using TemporaryFolder home = new();
        using ToolProcess serve = new(
            hub.Hub.Address, home.Path, "serve", "--urls", "http://127.0.0.1:0", "--model", "owner/tiny");
        string? ready = await serve.ReadLineAsync();
        serve.Interrupt();
        (int code, _, string errors) = await serve.EndAsync();

        Assert.True(code == ExitCode.Success, errors);
        Assert.Contains("is ready at", ready, StringComparison.Ordinal);
        Assert.Contains("owner/tiny: model.safetensors (", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_OfAModelThatIsNot_FailsWithOneLine()
    {
        using ToolProcess serve = ToolProcess.WithVariables(
            [], "serve", "--urls", "http://127.0.0.1:0", "--model", "no-such-model");
        (int code, string output, string errors) = await serve.EndAsync();

        Assert.Equal(ExitCode.Failure, code);
        Assert.Empty(output);
        Assert.StartsWith("denseconnector: ", errors.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls", "https://127.0.0.1:5000")]
    [InlineData("--urls", "nowhere")]
    [InlineData("--urls", " ")]
    [InlineData("--api-key", "")]
    [InlineData("--max-concurrency", "0")]
    [InlineData("--max-waiting", "-1")]
    [InlineData("--max-images", "x")]
    [InlineData("--max-body-bytes", "0")]
    [InlineData("--drain-seconds", "0")]
    public async Task Serve_WithAMalformedOption_NamesIt(string option, string value) =>
        (await ToolRun.RunAsync("serve", option, value)).FailedWith(ExitCode.Usage, option);

    [Fact]
    public async Task Serve_AtAnAddressInUse_FailsWithOneLine()
    {
        using System.Net.Sockets.TcpListener taken = new(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        using ToolProcess serve = ToolProcess.WithVariables(
            [], "serve", "--urls", $"http://{taken.LocalEndpoint}");
        (int code, string output, string errors) = await serve.EndAsync();

        Assert.Equal(ExitCode.Failure, code);
        Assert.Empty(output);
        Assert.Contains("denseconnector: ", errors, StringComparison.Ordinal);
        Assert.Contains("in use", errors, StringComparison.Ordinal);
    }
}
