using System.Text.Json;
using Microsoft.Extensions.AI;

namespace DenseConnector.Tests.Chat;

public sealed class DenseConnectorChatClientTests(TinyModelFixture tiny) : IClassFixture<TinyModelFixture>
{
    private static readonly string TinyEval = Path.Combine(TestData.Fixtures, "tiny-eval");

    private IChatClient Client { get; } = tiny.Model.AsIChatClient();

    [Fact]
    public async Task GetResponseAsync_KnownPicture_GivesTheAnswer()
    {
        ChatResponse response = await Client.GetResponseAsync(Question());

        Assert.Equal(TinyModelFixture.Answer, response.Text);
        Assert.Equal(ChatRole.Assistant, Assert.Single(response.Messages).Role);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("dense-connector-tiny", response.ModelId);
        Assert.NotNull(response.ResponseId);
        Assert.NotNull(response.Messages[0].MessageId);
        Assert.NotNull(response.CreatedAt);
        Assert.Equal(109, response.Usage!.InputTokenCount);
        Assert.Equal(12, response.Usage.OutputTokenCount);
        Assert.Equal(121, response.Usage.TotalTokenCount);
        GenerationResult raw = Assert.IsType<GenerationResult>(response.RawRepresentation);
        Assert.Equal(12, raw.TokenIds.Count);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_KnownPicture_GivesItsPiecesAndEndsOnce()
    {
        List<ChatResponseUpdate> updates = await Client.GetStreamingResponseAsync(Question()).ToListAsync();

        Assert.True(updates.Count > 5);
        Assert.Equal(TinyModelFixture.Answer, string.Concat(updates));
        Assert.All(updates, update =>
        {
            Assert.Equal(ChatRole.Assistant, update.Role);
            Assert.Equal("dense-connector-tiny", update.ModelId);
            Assert.Equal(updates[0].ResponseId, update.ResponseId);
            Assert.Equal(updates[0].MessageId, update.MessageId);
            Assert.Equal(updates[0].CreatedAt, update.CreatedAt);
            Assert.IsType<GenerationUpdate>(update.RawRepresentation);
        });
        Assert.All(updates.SkipLast(1), update =>
        {
            Assert.Null(update.FinishReason);
            Assert.IsType<TextContent>(Assert.Single(update.Contents));
        });
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        UsageContent usage = Assert.Single(updates[^1].Contents.OfType<UsageContent>());
        Assert.Equal(121, usage.Details.TotalTokenCount);
        ChatResponse whole = updates.ToChatResponse();
        Assert.Single(whole.Messages);
        Assert.Equal(121, whole.Usage!.TotalTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_TwoRequests_AreToldApart()
    {
        ChatResponse first = await Client.GetResponseAsync(Question());
        ChatResponse second = await Client.GetResponseAsync(Question());

        Assert.NotEqual(first.ResponseId, second.ResponseId);
        Assert.NotEqual(first.Messages[0].MessageId, second.Messages[0].MessageId);
    }

    [Fact]
    public async Task GetResponseAsync_MaxOutputTokens_EndsWithLength()
    {
        ChatResponse response = await Client.GetResponseAsync(Question(), new() { MaxOutputTokens = 3 });

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(3, response.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_StopSequence_EndsBeforeIt()
    {
        ChatResponse response = await Client.GetResponseAsync(Question(), new() { StopSequences = ["star and"] });

        Assert.Equal("The image shows a green ", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task GetResponseAsync_Template_IsThatOfTheGenerationOptions()
    {
        GenerationOptions llama = new() { PromptTemplate = "llama_3", MaxNewTokens = 12 };
        GenerationResult expected = await tiny.Model.GenerateAsync(tiny.Prompt, llama);

        ChatResponse response = await Client.GetResponseAsync(
            Question(),
            new() { AdditionalProperties = new() { ["prompt_template"] = "llama_3" }, MaxOutputTokens = 12 });

        Assert.Equal(expected.Text, response.Text);
        Assert.Equal(expected.Usage.PromptTokens, response.Usage!.InputTokenCount);
        Assert.NotEqual(109, response.Usage.InputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_SameSeed_GivesTheSameAnswer()
    {
        ChatOptions options = new() { Temperature = 3, Seed = 5, MaxOutputTokens = 12 };

        string first = (await Client.GetResponseAsync(Question(), options)).Text;
        string second = (await Client.GetResponseAsync(Question(), options)).Text;
        string other = (await Client.GetResponseAsync(
            Question(), new() { Temperature = 3, Seed = 6, MaxOutputTokens = 12 })).Text;

        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public async Task GetResponseAsync_Penalties_ChangeWhatIsDrawn()
    {
        string[] answers = await Task.WhenAll(
            AnswerAsync(new()),
            AnswerAsync(new() { FrequencyPenalty = 2 }),
            AnswerAsync(new() { PresencePenalty = 2 }));

        Assert.Equal(3, answers.Distinct().Count());

        async Task<string> AnswerAsync(ChatOptions options)
        {
            options.Temperature = 3;
            options.Seed = 5;
            options.MaxOutputTokens = 60;
            return (await Client.GetResponseAsync(Question(), options)).Text;
        }
    }

    [Fact]
    public async Task GetResponseAsync_DialoguesOfTheEvaluationSet_AnswerAsTheReference()
    {
        int turns = 0;
        foreach (string line in File.ReadLines(Path.Combine(TinyEval, "dialogues.jsonl")).Take(6))
        {
            JsonElement dialogue = JsonDocument.Parse(line).RootElement;
            List<ChatMessage> messages = [];
            AIContent? picture = await DataContent.LoadFromAsync(
                Path.Combine(TinyEval, "images", dialogue.GetProperty("image").GetString()!));
            foreach (JsonElement turn in dialogue.GetProperty("turns").EnumerateArray())
            {
                TextContent text = new(turn.GetProperty("text").GetString());
                messages.Add(new(ChatRole.User, picture is null ? [text] : [text, picture]));
                picture = null;
                ChatResponse response = await Client.GetResponseAsync(messages);

                Assert.Equal(turn.GetProperty("answer").GetString(), response.Text);
                Assert.Equal(
                    turn.GetProperty("input_ids").GetArrayLength() - 1 + 64, response.Usage!.InputTokenCount);
                turns++;
                messages.AddMessages(response);
            }
        }

        Assert.True(turns >= 12);
    }

    [Fact]
    public async Task GetResponseAsync_NextTurn_ReadsOnlyWhatIsNew()
    {
        List<ChatMessage> messages = [.. Question("Where is the green star?")];
        List<ChatResponseUpdate> first = await Client.GetStreamingResponseAsync(messages).ToListAsync();
        messages.AddMessages(first);
        messages.Add(new(ChatRole.User, "What color is it?"));

        ChatResponse second = await Client.GetResponseAsync(messages);

        Assert.True(second.Usage!.CachedInputTokenCount >= first.ToChatResponse().Usage!.InputTokenCount);
        Assert.Contains("green", second.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_SeveralPictures_AreReadInOrder()
    {
        DataContent other = await DataContent.LoadFromAsync(Path.Combine(TinyEval, "images", "ex_016.png"));
        ChatMessage message = new(
            ChatRole.User, [Picture(), other, new TextContent(TinyModelFixture.Question)]);

        ChatResponse response = await Client.GetResponseAsync(message);

        GenerationResult expected = await tiny.Model.GenerateAsync(new Prompt(
            TinyModelFixture.Question, tiny.Image, ImageInput.FromBytes(other.Data)));
        Assert.Equal(expected.Text, response.Text);
        Assert.Equal(expected.Usage.PromptTokens, response.Usage!.InputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_SystemText_TakesThePlaceOfTheTemplates()
    {
        ChatResponse plain = await Client.GetResponseAsync(Question());
        ChatResponse with = await Client.GetResponseAsync(
            [new(ChatRole.System, "Be brief."), .. Question()]);
        ChatResponse instructed = await Client.GetResponseAsync(Question(), new() { Instructions = "Be brief." });

        Assert.True(with.Usage!.InputTokenCount < plain.Usage!.InputTokenCount);
        Assert.Equal(with.Usage.InputTokenCount, instructed.Usage!.InputTokenCount);
        Assert.Equal(with.Text, instructed.Text);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_CancelledInTheMiddle_ThrowsAndFreesItsPlace()
    {
        using CancellationTokenSource source = new();
        int pieces = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in Client.GetStreamingResponseAsync(
                Question(), Endless, source.Token))
            {
                pieces++;
                await source.CancelAsync();
            }
        });

        Assert.Equal(1, pieces);
        Assert.Equal(0, await StillWorkedOnAsync());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_LoopLeftEarly_FreesItsPlace()
    {
        await foreach (ChatResponseUpdate _ in Client.GetStreamingResponseAsync(Question(), Endless))
        {
            break;
        }

        Assert.Equal(0, await StillWorkedOnAsync());
    }

    [Fact]
    public async Task GetResponseAsync_Cancelled_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Client.GetResponseAsync(Question(), cancellationToken: new CancellationToken(true)));

    [Fact]
    public async Task GetResponseAsync_Unsupported_Throws()
    {
        await Assert.ThrowsAsync<NotSupportedException>(
            () => Client.GetResponseAsync(Question(), new() { ResponseFormat = ChatResponseFormat.Json }));
        await Assert.ThrowsAsync<NotSupportedException>(
            () => Client.GetResponseAsync(new ChatMessage(ChatRole.User, [new DataContent(new byte[1], "audio/wav")])));
        await Assert.ThrowsAsync<NotSupportedException>(
            () => Client.GetStreamingResponseAsync(Question(), new() { ConversationId = "1" }).ToListAsync().AsTask());
    }

    [Fact]
    public async Task GetResponseAsync_FileUri_IsReadWhereAllowed()
    {
        Uri picture = new(Path.Combine(TinyEval, "images", "ex_001.png"));
        ChatMessage message = new(
            ChatRole.User, [new UriContent(picture, "image/png"), new TextContent(TinyModelFixture.Question)]);

        await Assert.ThrowsAsync<NotSupportedException>(() => Client.GetResponseAsync(message));
        ChatResponse response = await tiny.Model.AsIChatClient(new() { AllowFileUris = true })
            .GetResponseAsync(message);

        Assert.Equal(TinyModelFixture.Answer, response.Text);
    }

    [Fact]
    public async Task GetResponse_NullMessages_ThrowsAtOnce()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(
            () => Client.GetResponseAsync((IEnumerable<ChatMessage>)null!));
        Assert.Throws<ArgumentNullException>(
            () => Client.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!));
    }

    [Fact]
    public void GetService_KnownTypes_GivesThem()
    {
        Assert.Same(tiny.Model, Client.GetService<DenseConnectorModel>());
        Assert.Same(Client, Client.GetService<IChatClient>());
        ChatClientMetadata metadata = Client.GetService<ChatClientMetadata>()!;
        Assert.Equal("denseconnector", metadata.ProviderName);
        Assert.Equal("dense-connector-tiny", metadata.DefaultModelId);
        Assert.Null(metadata.ProviderUri);
        Assert.Null(Client.GetService<IAsyncDisposable>());
        Assert.Null(Client.GetService<IChatClient>("key"));
        Assert.Throws<ArgumentNullException>(() => Client.GetService(null!));
    }

    [Fact]
    public async Task Dispose_Client_LeavesTheModelAlive()
    {
        IChatClient client = tiny.Model.AsIChatClient();
        client.Dispose();

        Assert.Equal(TinyModelFixture.Answer, (await tiny.Model.GenerateAsync(tiny.Prompt)).Text);
    }

    private static ChatOptions Endless => new()
    {
        RawRepresentationFactory = _ => new GenerationOptions { MaxNewTokens = 900, Temperature = 5, Seed = 3 },
    };

    private static DataContent Picture() =>
        new(File.ReadAllBytes(Path.Combine(TinyEval, "images", "ex_001.png")), "image/png");

    private static ChatMessage[] Question(string text = TinyModelFixture.Question) =>
        [new(ChatRole.User, [Picture(), new TextContent(text)])];

    /// <summary>How many requests the model works on after its next step.</summary>
    private async Task<int> StillWorkedOnAsync()
    {
        await tiny.Model.Thread.RunAsync(() => tiny.Model.Scheduler.Step());
        return await tiny.Model.Thread.RunAsync(() => tiny.Model.Scheduler.ActiveRequests);
    }
}
