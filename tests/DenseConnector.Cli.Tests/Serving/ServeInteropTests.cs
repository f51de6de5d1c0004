using System.Diagnostics;
using System.Text.Json;
using DenseConnector.Tests.Loading;
using DenseConnector.Text;

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

        JsonElement told = await BrowseAsync("page.mjs", server);

        Assert.Empty(Texts(told, "problems"));
        Assert.Equal("The API key is not this server's.", Text(told, "wrongKey"));
        Assert.StartsWith(TestServer.Model, Text(told, "model"), StringComparison.Ordinal);
        Assert.Equal(string.Empty, Text(told, "template"));
        Assert.Equal(
            ["vicuna_v1", .. PromptTemplate.Names.Where(name => name != "vicuna_v1")],
            Texts(told, "templates"));
        Assert.False(told.GetProperty("ownTemplate").GetBoolean());
        Assert.Equal("llama_3", Text(told, "chosenTemplate"));
        Assert.NotEqual(string.Empty, Text(told, "otherAnswer"));
        Assert.Equal(ToolRun.Answer, Text(told, "answer"));
        Assert.Matches(@"^6 tokens, [0-9.]+ tokens/s$", Text(told, "speed"));
        Assert.Equal("question", Text(told, "focus"));
        Assert.Equal(["user", "assistant", "user"], Texts(told, "roles"));
        Assert.Equal(1, told.GetProperty("pictures").GetInt32());
        Assert.NotEqual(string.Empty, Text(told, "second"));
        Assert.Equal(
            [
                "file", "question", "ask", "reset", "SUMMARY", "temperature", "top-p", "max-tokens", "seed",
                "template",
            ],
            Texts(told, "tabs"));
        Assert.Equal(0, told.GetProperty("turnsAfterReset").GetInt32());
        Assert.Equal("<img src=x onerror=alert(1)>", Text(told, "markup"));
        Assert.Equal(0, told.GetProperty("images").GetInt32());
        Assert.Contains("max_completion_tokens", Text(told, "error"), StringComparison.Ordinal);
        Assert.Equal(ToolRun.Answer, Text(told, "phoneAnswer"));
        Assert.Equal(0, told.GetProperty("phoneOverflow").GetInt32());
        Assert.Equal("rgb(15, 19, 24)", Text(told, "dark"));
    }

    [ServeInteropFact(Browser = true)]
    public async Task Page_PictureDroppedOrPasted_IsAskedAbout()
    {
        await using TestServer server = await TestServer.StartAsync(settings => settings with { ApiKey = Key });

        JsonElement told = await BrowseAsync("pictures.mjs", server);

        Assert.Empty(Texts(told, "problems"));
        Assert.Equal(1, told.GetProperty("markedOver").GetInt32());
        Assert.Equal(0, told.GetProperty("markedBeside").GetInt32());
        Assert.Equal(0, told.GetProperty("markedAfter").GetInt32());
        Assert.Equal("question", Text(told, "focus"));
        Assert.True(told.GetProperty("droppedWhole").GetBoolean());
        Assert.Equal(ToolRun.Answer, Text(told, "dropped"));
        Assert.Equal("That is not a picture.", Text(told, "noPicture"));
        Assert.True(told.GetProperty("nothingShown").GetBoolean());
        Assert.True(told.GetProperty("errorGone").GetBoolean());
        Assert.Equal("data:image/png;base64,", Text(told, "pastedType"));
        Assert.Equal(ToolRun.Answer, Text(told, "pasted"));
        Assert.Equal("a pasted text", Text(told, "text"));
        Assert.True(told.GetProperty("removed").GetBoolean());
        Assert.Null(Text(told, "without"));
    }

    [ServeInteropFact(Browser = true)]
    public async Task Page_AnswerUnderWay_CanBeStopped()
    {
        await using TestServer server = await TestServer.StartAsync(settings => settings with { ApiKey = Key });

        JsonElement told = await BrowseAsync("stopping.mjs", server);

        Assert.Empty(Texts(told, "problems"));
        string half = Text(told, "half")!;
        Assert.StartsWith(half, ToolRun.Answer, StringComparison.Ordinal);
        Assert.InRange(half.Length, 1, ToolRun.Answer.Length - 1);
        Assert.Equal([true, true], Flags(told, "whileRunning"));
        Assert.Equal(2, told.GetProperty("turns").GetInt32());
        Assert.Equal(half, Text(told, "stopped"));
        Assert.Equal("too early", Text(told, "question"));
        Assert.Equal([true, true], Flags(told, "afterStop"));
        Assert.Equal([ToolRun.Question, half, "too early"], Texts(told, "continued"));
        Assert.Equal(ToolRun.Question, Text(told, "askedAgain"));
        Assert.Equal(4, told.GetProperty("turnsAgain").GetInt32());
        Assert.Equal(0, told.GetProperty("afterReset").GetInt32());
        Assert.Equal(1, told.GetProperty("fresh").GetInt32());
    }

    [ServeInteropFact(Browser = true)]
    public async Task Page_KeyboardAlone_DoesAllItOffers()
    {
        await using TestServer server = await TestServer.StartAsync(settings => settings with { ApiKey = Key });

        JsonElement told = await BrowseAsync("keyboard.mjs", server);

        Assert.Empty(Texts(told, "problems"));
        Assert.Equal("key", Text(told, "focusAtStart"));
        Assert.Equal("file", Text(told, "focusAfterKey"));
        Assert.Equal("question", Text(told, "focusAfterFile"));
        Assert.True(told.GetProperty("removed").GetBoolean());
        Assert.Equal("file", Text(told, "focusAfterRemove"));
        Assert.Equal($"{ToolRun.Question}\nBe brief.", Text(told, "question"));
        Assert.NotEqual(string.Empty, Text(told, "stopped"));
        Assert.Equal("question", Text(told, "focusAfterStop"));
        Assert.NotEqual(string.Empty, Text(told, "escaped"));
        Assert.Equal("llama_3_chat", Text(told, "template"));
        Assert.Equal(0, told.GetProperty("turns").GetInt32());
        Assert.Equal("question", Text(told, "focusAfterReset"));
    }

    private static bool[] Flags(JsonElement told, string name) =>
        [.. told.GetProperty(name).EnumerateArray().Select(flag => flag.GetBoolean())];

    private static Task<JsonElement> BrowseAsync(string script, TestServer server) => RunAsync(
        script,
        server.Address,
        Key,
        ServeInteropFactAttribute.BrowserPath!,
        ToolRun.Picture,
        ToolRun.Question,
        Environment.GetEnvironmentVariable("DENSECONNECTOR_SCREENSHOTS") ?? string.Empty);

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
