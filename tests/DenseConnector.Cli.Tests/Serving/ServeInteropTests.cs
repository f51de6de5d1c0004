using System.Diagnostics;
using System.Text.Json;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Serving;

/// <summary>The server as npm's client of OpenAI and as a browser see it.</summary>
public sealed class ServeInteropTests
{
    private const string Key = "secret";

    [ServeInteropFact]
    public async Task OpenAIOfNpm_AllItCanAsk_IsAnswered()
    {
        await using TestServer server = await TestServer.StartAsync(settings => settings with { ApiKey = Key });
        using TemporaryFolder folder = new();
        string picture = Path.Combine(folder.Path, "picture.txt");
        await File.WriteAllTextAsync(picture, TestServer.Picture);

        JsonElement told = await RunAsync(
            "openai.mjs", server.Address, Key, TestServer.Model, picture, ToolRun.Question);

        Assert.Equal([TestServer.Model], Texts(told, "models"));
        Assert.Equal(TestServer.Model, Text(told, "model"));
        Assert.Equal([ToolRun.Answer, ToolRun.Answer], Texts(told, "texts"));
        Assert.Equal("stop", Text(told, "reason"));
        Assert.Equal(12, told.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(ToolRun.Answer, string.Concat(Texts(told, "pieces")));
        Assert.True(Texts(told, "pieces").Length > 3, "the answer came in one piece");
        Assert.Equal(6, told.GetProperty("streamUsage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(ToolRun.Answer, Text(told, "gathered"));
        Assert.Equal("chat.completion.chunk", Text(told, "left"));
        Assert.Equal(
            [
                "BadRequestError 400 logprobs unsupported_parameter",
                "NotFoundError 404 model model_not_found",
                "AuthenticationError 401  invalid_api_key",
            ],
            told.GetProperty("errors").EnumerateArray().Select(error =>
                $"{Text(error, "kind")} {error.GetProperty("status")} {Text(error, "param")} {Text(error, "code")}"));
    }

    [ServeInteropFact(Browser = true)]
    public async Task Page_InABrowser_DoesAllItOffers()
    {
        await using TestServer server = await TestServer.StartAsync(settings => settings with { ApiKey = Key });

        JsonElement told = await RunAsync(
            "page.mjs",
            server.Address,
            Key,
            ServeInteropFactAttribute.BrowserPath!,
            ToolRun.Picture,
            ToolRun.Question,
            Environment.GetEnvironmentVariable("DENSECONNECTOR_SCREENSHOTS") ?? string.Empty);

        Assert.Empty(Texts(told, "problems"));
        Assert.Equal("The API key is not this server's.", Text(told, "wrongKey"));
        Assert.StartsWith(TestServer.Model, Text(told, "model"), StringComparison.Ordinal);
        Assert.Equal("vicuna_v1", Text(told, "template"));
        Assert.Equal(ToolRun.Answer, Text(told, "answer"));
        Assert.Matches(@"^6 tokens, [0-9.]+ tokens/s$", Text(told, "speed"));
        Assert.Equal("question", Text(told, "focus"));
        Assert.Equal(["user", "assistant", "user"], Texts(told, "roles"));
        Assert.Equal(1, told.GetProperty("pictures").GetInt32());
        Assert.NotEqual(string.Empty, Text(told, "second"));
        Assert.Equal(
            [
                "file", "question", "ask", "reset", "SUMMARY", "temperature", "top-p", "max-tokens", "seed",
            ],
            Texts(told, "tabs"));
        Assert.Equal(0, told.GetProperty("turnsAfterReset").GetInt32());
        Assert.Equal("<img src=x onerror=alert(1)>", Text(told, "markup"));
        Assert.Equal(0, told.GetProperty("images").GetInt32());
        Assert.True(told.GetProperty("stopped").GetBoolean());
        Assert.Equal("stop me", Text(told, "question"));
        Assert.Contains("max_completion_tokens", Text(told, "error"), StringComparison.Ordinal);
        Assert.Equal(ToolRun.Answer, Text(told, "phoneAnswer"));
        Assert.Equal(0, told.GetProperty("phoneOverflow").GetInt32());
        Assert.Equal("rgb(15, 19, 24)", Text(told, "dark"));
    }

    private static string? Text(JsonElement told, string name) => told.GetProperty(name).GetString();

    private static string[] Texts(JsonElement told, string name) =>
        [.. told.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];

    private static async Task<JsonElement> RunAsync(params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Path.Combine(ToolRun.Root, "tests", "serve-interop", "run"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return JsonElement.Parse(output);
    }
}
