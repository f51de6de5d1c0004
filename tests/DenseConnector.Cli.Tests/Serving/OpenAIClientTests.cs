using System.ClientModel;
using DenseConnector.Cli.Serving;
using Microsoft.Extensions.AI;
using OpenAI;

namespace DenseConnector.Cli.Tests.Serving;

/// <summary>The server as OpenAI's .NET client sees it, under <see cref="IChatClient"/>.</summary>
public sealed class OpenAIClientTests
{
    private const string Key = "secret";

    private static readonly ChatMessage[] Question =
        [new(ChatRole.User, [new DataContent(TestServer.Picture), new TextContent(ToolRun.Question)])];

    [Fact]
    public async Task Client_AsksAboutAPicture_GetsTheAnswer()
    {
        await using TestServer server = await StartAsync();
        using IChatClient client = Client(server);

        ChatResponse response = await client.GetResponseAsync(Question);

        Assert.Equal(ToolRun.Answer, response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(TestServer.Model, response.ModelId);
        Assert.Equal(6, response.Usage!.OutputTokenCount);
        Assert.Equal(112, response.Usage.InputTokenCount);
    }

    [Fact]
    public async Task Client_Streams_GetsPiecesAndUsage()
    {
        await using TestServer server = await StartAsync();
        using IChatClient client = Client(server);
        List<ChatResponseUpdate> updates = [];

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(Question))
        {
            updates.Add(update);
        }

        Assert.True(updates.Count(update => update.Text.Length > 0) > 3, "the answer came in one piece");
        ChatResponse whole = updates.ToChatResponse();
        Assert.Equal(ToolRun.Answer, whole.Text);
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
        Assert.Equal(118, whole.Usage!.TotalTokenCount);
    }

    [Fact]
    public async Task Client_WithOptions_HasThemHonoured()
    {
        await using TestServer server = await StartAsync();
        using IChatClient client = Client(server);
        ChatOptions options = new()
        {
            Temperature = 2,
            TopP = 0.9f,
            Seed = 7,
            MaxOutputTokens = 3,
            FrequencyPenalty = 1,
            PresencePenalty = 1,
            StopSequences = ["zebra"],
        };

        ChatResponse response = await client.GetResponseAsync(Question, options);

        ChatResponse expected = await server.Loaded.AsIChatClient().GetResponseAsync(Question, options);
        Assert.Equal(expected.Text, response.Text);
    }

    [Fact]
    public async Task Client_ContinuesADialogue_GetsTheNextAnswer()
    {
        await using TestServer server = await StartAsync();
        using IChatClient client = Client(server);
        List<ChatMessage> dialogue = [.. Question];
        dialogue.AddMessages(await client.GetResponseAsync(dialogue));
        dialogue.Add(new ChatMessage(ChatRole.User, "Which colours do they have?"));

        ChatResponse response = await client.GetResponseAsync(dialogue);

        ChatResponse expected = await server.Loaded.AsIChatClient().GetResponseAsync(dialogue);
        Assert.Equal(expected.Text, response.Text);
    }

    [Fact]
    public async Task Client_AsksForWhatCannotBe_GetsTheError()
    {
        await using TestServer server = await StartAsync();
        using IChatClient client = Client(server);

        ClientResultException refused = await Assert.ThrowsAsync<ClientResultException>(
            () => client.GetResponseAsync(Question, new ChatOptions { ResponseFormat = ChatResponseFormat.Json }));

        Assert.Equal(400, refused.Status);
        Assert.Contains("response_format", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrong", TestServer.Model, 401)]
    [InlineData(Key, "gpt-4o", 404)]
    public async Task Client_WithAWrongKeyOrModel_GetsTheError(string key, string model, int status)
    {
        await using TestServer server = await StartAsync();
        using IChatClient client = Client(server, key, model);

        ClientResultException refused =
            await Assert.ThrowsAsync<ClientResultException>(() => client.GetResponseAsync(Question));

        Assert.Equal(status, refused.Status);
    }

    [Fact]
    public async Task Client_Cancels_FreesThePlace()
    {
        await using TestServer server = await StartAsync();
        using IChatClient client = Client(server);
        using HeldEngine engine = await HeldEngine.AfterAsync(server.Loaded, steps: 4);
        using CancellationTokenSource enough = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(
                Question, cancellationToken: enough.Token))
            {
                await engine.Reached;
                await enough.CancelAsync();
            }
        });

        RequestQueue queue = server.Get<RequestQueue>();
        await TestServer.UntilAsync(() => Task.FromResult(queue.Running == 0));
        engine.Release();
        await engine.IdleAsync();
        Assert.Equal(0, engine.StepsSince);
    }

    private static Task<TestServer> StartAsync() =>
        TestServer.StartAsync(settings => settings with { ApiKey = Key });

    private static IChatClient Client(TestServer server, string key = Key, string model = TestServer.Model) =>
        new OpenAIClient(
            new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(server.Address + "/v1") })
            .GetChatClient(model).AsIChatClient();
}
