using System.Net;
using System.Text.Json;
using DenseConnector.Cli.Serving;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class ChatCompletionsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static readonly string[] Modalities = ["text"];

    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task Answer_AboutAPicture_IsTheRecordedOne()
    {
        JsonElement body = await _server.PostAsync(TestServer.Ask(), 200);

        Assert.StartsWith("chatcmpl-", body.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("chat.completion", body.GetProperty("object").GetString());
        Assert.Equal(TestServer.Model, body.GetProperty("model").GetString());
        Assert.InRange(body.GetProperty("created").GetInt64(), 1_700_000_000, long.MaxValue);
        JsonElement choice = Assert.Single(body.GetProperty("choices").EnumerateArray());
        Assert.Equal(0, choice.GetProperty("index").GetInt32());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind);
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        Assert.Equal(ToolRun.Answer, choice.GetProperty("message").GetProperty("content").GetString());
        JsonElement usage = body.GetProperty("usage");
        Assert.Equal(6, usage.GetProperty("completion_tokens").GetInt32());
        Assert.Equal(112, usage.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(118, usage.GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Answer_SameQuestionAgain_CountsTheCachedTokens()
    {
        await _server.PostAsync(TestServer.Ask(), 200);

        JsonElement usage = (await _server.PostAsync(TestServer.Ask(), 200)).GetProperty("usage");

        Assert.Equal(111, usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    [Fact]
    public async Task Answer_WithATemplate_IsWrittenDownWithIt()
    {
        Prompt prompt = new(ToolRun.Question, await ImageInput.LoadAsync(ToolRun.Picture));
        GenerationOptions options = new() { PromptTemplate = "llama_3", MaxNewTokens = 12 };
        GenerationResult expected = await _server.Loaded.GenerateAsync(prompt, options);

        JsonElement body = await _server.PostAsync(
            TestServer.Ask(("prompt_template", "llama_3"), ("max_tokens", 12)), 200);

        Assert.Equal(
            expected.Text, body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        int read = body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
        Assert.Equal(expected.Usage.PromptTokens, read);
        Assert.NotEqual(112, read);
    }

    [Fact]
    public async Task Stream_Events_AreOpenAIsForm()
    {
        using HttpResponseMessage response = await _server.PostAsync(TestServer.Ask(("stream", true)));

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.True(response.Headers.CacheControl!.NoCache);
        string[] events = TestServer.Events(await response.Content.ReadAsStringAsync());
        Assert.Equal("[DONE]", events[^1]);
        JsonElement[] chunks = [.. events[..^1].Select(data => JsonElement.Parse(data))];
        Assert.Single(chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString()));
        Assert.All(chunks, chunk => Assert.False(chunk.TryGetProperty("usage", out _)));
        JsonElement[] choices = [.. chunks.Select(chunk => chunk.GetProperty("choices")[0])];
        Assert.Equal("assistant", choices[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal(ToolRun.Answer, string.Concat(choices[..^1].Select(Content)));
        Assert.True(choices.Length > 3, "the answer came in one piece");
        Assert.Empty(choices[^1].GetProperty("delta").EnumerateObject());
        Assert.Equal("stop", choices[^1].GetProperty("finish_reason").GetString());
        Assert.All(choices[..^1], choice =>
            Assert.Equal(JsonValueKind.Null, choice.GetProperty("finish_reason").ValueKind));
    }

    [Fact]
    public async Task Stream_WithUsage_EndsWithTheCounts()
    {
        using HttpResponseMessage response = await _server.PostAsync(TestServer.Ask(
            ("stream", true), ("stream_options", new { include_usage = true })));

        string[] events = TestServer.Events(await response.Content.ReadAsStringAsync());

        JsonElement last = JsonElement.Parse(events[^2]);
        Assert.Equal(0, last.GetProperty("choices").GetArrayLength());
        Assert.Equal(118, last.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Answers_SeveralWithASeed_AreThoseOfTheSeedsInTurn()
    {
        (string, object?)[] options = [("temperature", 2), ("seed", 5)];

        JsonElement body = await _server.PostAsync(TestServer.Ask([.. options, ("n", 3)]), 200);

        string?[] texts = [.. body.GetProperty("choices").EnumerateArray().Select(
            choice => choice.GetProperty("message").GetProperty("content").GetString())];
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(texts[i], await _server.AnswerAsync(TestServer.Ask(("temperature", 2), ("seed", 5 + i))));
        }
    }

    [Fact]
    public async Task Stream_OfSeveralAnswers_HasEachWhole()
    {
        using HttpResponseMessage response = await _server.PostAsync(TestServer.Ask(("stream", true), ("n", 2)));

        JsonElement[] choices = [.. TestServer.Events(await response.Content.ReadAsStringAsync())[..^1]
            .Select(data => JsonElement.Parse(data).GetProperty("choices")[0])];

        for (int i = 0; i < 2; i++)
        {
            JsonElement[] own = [.. choices.Where(choice => choice.GetProperty("index").GetInt32() == i)];
            Assert.Equal(ToolRun.Answer, string.Concat(own.Select(Content)));
            Assert.Equal("stop", own[^1].GetProperty("finish_reason").GetString());
        }
    }

    [Theory]
    [InlineData("stop", " two", "There are")]
    [InlineData("max_tokens", 2, "There are")]
    [InlineData("max_completion_tokens", 1, "There")]
    public async Task Answer_WithALimit_EndsThere(string option, object value, string expected) =>
        Assert.Equal(expected, await _server.AnswerAsync(TestServer.Ask((option, value))));

    [Fact]
    public async Task Answer_AtTheLimitOfTokens_SaysSo()
    {
        JsonElement body = await _server.PostAsync(TestServer.Ask(("max_tokens", 2)), 200);

        Assert.Equal("length", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Answer_InADialogue_IsThatOfTheChatClient()
    {
        const string further = "Which colours do they have?";
        ChatMessage[] dialogue =
        [
            new(ChatRole.System, "Be brief."),
            new(ChatRole.User, [new DataContent(TestServer.Picture), new TextContent(ToolRun.Question)]),
            new(ChatRole.Assistant, ToolRun.Answer),
            new(ChatRole.User, further),
        ];
        ChatResponse expected = await _server.Loaded.AsIChatClient().GetResponseAsync(dialogue);

        string? answer = await _server.AnswerAsync(TestServer.Ask(("messages", new[]
        {
            new { role = "developer", content = "Be brief." },
            TestServer.Question(TestServer.Picture),
            new { role = "assistant", content = ToolRun.Answer, refusal = (string?)null },
            new { role = "user", content = further },
        })));

        Assert.Equal(expected.Text, answer);
        Assert.NotEqual(ToolRun.Answer, answer);
    }

    [Fact]
    public async Task Answer_FieldsThatAskForNothing_AreAccepted() =>
        Assert.Equal(ToolRun.Answer, await _server.AnswerAsync(TestServer.Ask(
            ("logprobs", false), ("tools", Array.Empty<object>()), ("tool_choice", "auto"), ("user", "me"),
            ("response_format", new { type = "text" }), ("store", false), ("metadata", null), ("unknown", null),
            ("logit_bias", new { }), ("service_tier", "auto"), ("modalities", Modalities))));

    [Fact]
    public async Task Disconnect_InTheMiddleOfAnAnswer_FreesItsPlaceBeforeTheNextToken()
    {
        await using TestServer server = await TestServer.StartAsync();
        RequestQueue queue = server.Get<RequestQueue>();
        using HeldEngine engine = await HeldEngine.AfterAsync(server.Loaded, steps: 4);
        using (HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = System.Net.Http.Json.JsonContent.Create(TestServer.Ask(("stream", true))),
        })
        using (HttpResponseMessage response = await server.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await engine.Reached;
            Assert.Equal(1, queue.Running);
        }

        await TestServer.UntilAsync(() => Task.FromResult(queue.Running == 0));
        engine.Release();
        await engine.IdleAsync();
        Assert.Equal(0, engine.StepsSince);
    }

    [Fact]
    public async Task Log_OfARequest_HasNoWordOfIt()
    {
        using RecordingLog log = new();
        await using TestServer server = await TestServer.StartAsync(
            configure: builder => builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Information));

        await server.PostAsync(TestServer.Ask(), 200);
        object message = new { role = "user", content = "<image> secret" };
        await server.RefusedAsync(TestServer.Ask(("messages", new[] { message })), 400, "messages", null);

        await TestServer.UntilAsync(() => Task.FromResult(
            log.Messages.Any(line => line.StartsWith("Answered chatcmpl-", StringComparison.Ordinal))));
        string[] said = [ToolRun.Question, ToolRun.Answer, "secret"];
        Assert.DoesNotContain(
            log.Messages, line => said.Any(text => line.Contains(text, StringComparison.Ordinal)));
    }

    private static string? Content(JsonElement choice) =>
        choice.GetProperty("delta").TryGetProperty("content", out JsonElement text) ? text.GetString() : null;
}
