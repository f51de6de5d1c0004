using System.Text.Json.Nodes;
using DenseConnector.Tests.Loading;
using DenseConnector.Text;

namespace DenseConnector.Tests;

public sealed class DenseConnectorModelTests(TinyModelFixture tiny) : IClassFixture<TinyModelFixture>
{
    private DenseConnectorModel Model => tiny.Model;

    [Fact]
    public async Task GenerateAsync_KnownPicture_GivesTheAnswer()
    {
        GenerationResult result = await Model.GenerateAsync(tiny.Prompt);
        Assert.Equal(TinyModelFixture.Answer, result.Text);
        Assert.Equal(FinishReason.Stop, result.FinishReason);
        Assert.Equal(new TokenUsage(109, 12), result.Usage with { CachedTokens = 0 });
        Assert.Equal(12, result.TokenIds.Count);
    }

    [Fact]
    public async Task ScoreAsync_GreedyAnswer_IsTheLikeliestAndAddsUpWordByWord()
    {
        double answer = await Model.ScoreAsync(tiny.Prompt, TinyModelFixture.Answer, default);
        double start = await Model.ScoreAsync(tiny.Prompt, "The image", default);
        double other = await Model.ScoreAsync(
            tiny.Prompt, TinyModelFixture.Answer.Replace("green", "pink", StringComparison.Ordinal), default);
        Assert.InRange(answer, start - 1, start);
        Assert.True(other < answer - 1, $"{other} is not below {answer}");
    }

    [Fact]
    public async Task StreamAsync_Pieces_JoinToTheAnswerAndEndOnce()
    {
        List<GenerationUpdate> updates = await CollectAsync(Model.StreamAsync(tiny.Prompt));
        Assert.True(updates.Count > 5);
        Assert.Equal(TinyModelFixture.Answer, string.Concat(updates));
        Assert.All(updates.SkipLast(1), update => Assert.Null(update.FinishReason));
        Assert.Equal(FinishReason.Stop, updates[^1].FinishReason);
        Assert.NotNull(updates[^1].Usage);
    }

    [Fact]
    public async Task GenerateAsync_MaxNewTokens_EndsWithLength()
    {
        GenerationResult result = await Model.GenerateAsync(tiny.Prompt, new GenerationOptions { MaxNewTokens = 3 });
        Assert.Equal(FinishReason.Length, result.FinishReason);
        Assert.Equal(3, result.Usage.GeneratedTokens);
        Assert.StartsWith(result.Text, TinyModelFixture.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateAsync_StopSequence_EndsBeforeIt()
    {
        // The sequence lies across several tokens.
        GenerationResult result = await Model.GenerateAsync(
            tiny.Prompt, new GenerationOptions { StopSequences = ["star and"] });
        Assert.Equal("The image shows a green ", result.Text);
        Assert.Equal(FinishReason.Stop, result.FinishReason);
    }

    [Fact]
    public async Task GenerateAsync_SamplingWithSeed_IsRepeatable()
    {
        GenerationOptions options = new() { Temperature = 3, Seed = 5, MaxNewTokens = 12 };
        GenerationResult first = await Model.GenerateAsync(tiny.Prompt, options);
        GenerationResult second = await Model.GenerateAsync(tiny.Prompt, options);
        GenerationResult other = await Model.GenerateAsync(tiny.Prompt, options with { Seed = 6 });
        Assert.Equal(first.TokenIds, second.TokenIds);
        Assert.NotEqual(first.TokenIds, other.TokenIds);
    }

    [Fact]
    public async Task GenerateAsync_ManyAtOnce_AnswersAsSingly()
    {
        string[] questions = [TinyModelFixture.Question, "What color is the star?", "How many shapes are there?"];
        string[] single = new string[questions.Length];
        for (int i = 0; i < questions.Length; i++)
        {
            single[i] = (await Model.GenerateAsync(new Prompt(questions[i], tiny.Image))).Text;
        }

        GenerationResult[] together = await Task.WhenAll(
            Enumerable.Range(0, 24).Select(i => Model.GenerateAsync(new Prompt(questions[i % 3], tiny.Image))));
        Assert.All(together.Index(), item => Assert.Equal(single[item.Index % 3], item.Item.Text));
    }

    [Fact]
    public async Task GenerateBatchAsync_SeveralPrompts_AnswersInOrder()
    {
        IReadOnlyList<GenerationResult> results = await Model.GenerateBatchAsync([tiny.Prompt, "Hello", tiny.Prompt]);
        Assert.Equal(TinyModelFixture.Answer, results[0].Text);
        Assert.StartsWith("Hello!", results[1].Text, StringComparison.Ordinal);
        Assert.Equal(TinyModelFixture.Answer, results[2].Text);
    }

    [Fact]
    public async Task GenerateAsync_TwoPictures_ReadsBoth()
    {
        GenerationResult result = await Model.GenerateAsync(
            new Prompt(TinyModelFixture.Question, tiny.Image, tiny.Image));
        Assert.InRange(result.Usage.PromptTokens, 109 + 64, 109 + 64 + 8);
    }

    [Fact]
    public async Task GenerateAsync_Video_GivesHalfTheTokensWhenPooled()
    {
        VideoInput video = new([tiny.Image, tiny.Image, tiny.Image]);
        GenerationResult pooled = await Model.GenerateAsync(new Prompt(TinyModelFixture.Question, video));
        GenerationResult full = await Model.GenerateAsync(
            new Prompt(TinyModelFixture.Question, video with { Pool = false }));
        Assert.Equal(109 - 64 + (3 * 32), pooled.Usage.PromptTokens);
        Assert.Equal(109 - 64 + (3 * 64), full.Usage.PromptTokens);
    }

    [Theory]
    [InlineData(LongPrompts.Cut, 1024)]
    [InlineData(LongPrompts.Allow, null)]
    public async Task GenerateAsync_TooLongPrompt_IsCutOnlyWhenAskedFor(LongPrompts longPrompts, int? promptTokens)
    {
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(
            TestData.TinyModel, new ModelOptions { LongPrompts = longPrompts });
        Prompt prompt = new(string.Concat(Enumerable.Repeat("circle and square ", 500)), tiny.Image);
        if (promptTokens is null)
        {
            await Assert.ThrowsAsync<ContextLengthException>(() => model.GenerateAsync(prompt));
            return;
        }

        GenerationResult result = await model.GenerateAsync(prompt, new GenerationOptions { MaxNewTokens = 3 });
        Assert.Equal(promptTokens, result.Usage.PromptTokens);
    }

    [Fact]
    public async Task GenerateAsync_PromptOverTheCheckpointsLimit_IsReadWholeWhenAllowed()
    {
        using ModelCopy copy = new();
        copy.Set("tokenizer_model_max_length", 100);
        await using DenseConnectorModel refusing = await DenseConnectorModel.LoadAsync(copy.Path);
        await using DenseConnectorModel allowing = await DenseConnectorModel.LoadAsync(
            copy.Path, new ModelOptions { LongPrompts = LongPrompts.Allow });

        await Assert.ThrowsAsync<ContextLengthException>(() => refusing.GenerateAsync(tiny.Prompt));
        Assert.Equal(TinyModelFixture.Answer, (await allowing.GenerateAsync(tiny.Prompt)).Text);
    }

    [Fact]
    public async Task GenerateAsync_WithoutPicture_AnswersFromTheTextAlone()
    {
        GenerationResult result = await Model.GenerateAsync("Hello");
        Assert.Equal("Hello! Please show me an image with some shapes.", result.Text);
    }

    [Fact]
    public async Task GenerateAsync_MarkInTheText_StandsWhereItIs()
    {
        GenerationResult marked = await Model.GenerateAsync(
            new Prompt("<image>\n" + TinyModelFixture.Question, tiny.Image));
        Assert.Equal(TinyModelFixture.Answer, marked.Text);
    }

    [Fact]
    public void StreamAsync_MarksAndPicturesDiffer_Throws()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => Model.StreamAsync(new Prompt("<image> and <image>?", tiny.Image)));
        Assert.Contains("2 <image> marks for 1 picture", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void StreamAsync_EmptyQuestion_Throws(string question) =>
        Assert.Throws<ArgumentException>(() => Model.StreamAsync(new Prompt(question, tiny.Image)));

    [Fact]
    public void StreamAsync_NullPrompt_Throws() =>
        Assert.Throws<ArgumentNullException>(() => Model.StreamAsync(null!));

    [Fact]
    public async Task GenerateAsync_TooLongPrompt_ThrowsContextLength()
    {
        ContextLengthException error = await Assert.ThrowsAsync<ContextLengthException>(() => Model.GenerateAsync(
            new Prompt(string.Concat(Enumerable.Repeat("circle and square ", 500)), tiny.Image)));
        Assert.True(error.PromptTokens > error.Limit);
        Assert.Equal(64, error.VisualTokens);
        Assert.Equal(1023, error.Limit);
    }

    [Fact]
    public async Task GenerateAsync_NearTheEndOfThePositions_StopsWithLength()
    {
        // The longest prompt of this form that the model reads leaves a few positions only.
        GenerationOptions options = new() { MaxNewTokens = 5000 };
        GenerationResult? longest = null;
        for (int words = 300; longest is null || longest.FinishReason == FinishReason.Stop; words++)
        {
            string filler = string.Concat(Enumerable.Repeat("star ", words));
            longest = await Model.GenerateAsync(new Prompt(filler + TinyModelFixture.Question, tiny.Image), options);
        }

        Assert.Equal(Model.Info.MaxTokens, longest.Usage.PromptTokens + longest.Usage.GeneratedTokens);
    }

    [Fact]
    public async Task GenerateAsync_AlreadyCancelled_Throws()
    {
        using CancellationTokenSource source = new();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Model.GenerateAsync(tiny.Prompt, cancellationToken: source.Token));
    }

    [Fact]
    public async Task StreamAsync_CancelledInTheMiddle_ThrowsAndTheModelGoesOn()
    {
        using CancellationTokenSource source = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (GenerationUpdate _ in Model.StreamAsync(tiny.Prompt, null, source.Token))
            {
                await source.CancelAsync();
            }
        });
        Assert.Equal(TinyModelFixture.Answer, (await Model.GenerateAsync(tiny.Prompt)).Text);
    }

    [Fact]
    public async Task StreamAsync_LoopLeftEarly_EndsTheRequest()
    {
        await foreach (
            GenerationUpdate _ in Model.StreamAsync(tiny.Prompt, new GenerationOptions { MaxNewTokens = 900 }))
        {
            break;
        }

        Assert.Equal(TinyModelFixture.Answer, (await Model.GenerateAsync(tiny.Prompt)).Text);
    }

    [Fact]
    public async Task DisposeAsync_WhileStreaming_FailsTheStream()
    {
        DenseConnectorModel model = await DenseConnectorModel.LoadAsync(TestData.TinyModel);
        await using IAsyncEnumerator<GenerationUpdate> stream = model
            .StreamAsync(tiny.Prompt, new GenerationOptions { MaxNewTokens = 900, Temperature = 5, Seed = 3 })
            .GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        await model.DisposeAsync();
        await model.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            while (await stream.MoveNextAsync())
            {
            }
        });
        Assert.Throws<ObjectDisposedException>(() => model.StreamAsync("Hello"));
    }

    [Fact]
    public async Task GenerateAsync_TokenBeyondTheEmbeddings_NamesItAndTheTable()
    {
        using ModelCopy copy = new();
        const string File = "tokenizer_config.json";
        JsonNode tokens = JsonNode.Parse(System.IO.File.ReadAllText(copy.PathOf(File)))!["added_tokens_decoder"]!;
        JsonNode added = tokens["2"]!.DeepClone();
        added["content"] = "<box>";
        tokens["1024"] = added;
        copy.Set("added_tokens_decoder", tokens.DeepClone(), File).Set("prompt_template", "vicuna_v1");
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(copy.Path);

        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(
            () => model.GenerateAsync("Where is the <box>?"));

        Assert.Equal(copy.Path, error.File);
        Assert.Contains("token 1024 ('<box>')", error.Message, StringComparison.Ordinal);
        Assert.Contains("1024 rows ('vocab_size' of config.json)", error.Message, StringComparison.Ordinal);

        // A token that no prompt holds does no harm.
        Assert.NotEmpty((await model.GenerateAsync("Where is it?", new() { MaxNewTokens = 2 })).TokenIds);
    }

    [Fact]
    public async Task LoadAsync_Progress_EndsAtTheTotal()
    {
        List<LoadProgress> reports = [];
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(
            TestData.TinyModel, progress: new Reports(reports));
        Assert.Equal(reports[^1].TotalBytes, reports[^1].BytesRead);
        Assert.Equal(model.Info.Parameters * sizeof(ushort), reports[^1].TotalBytes);
        Assert.Equal(reports.OrderBy(report => report.BytesRead), reports);
    }

    [LinuxX64Fact]
    public async Task LoadAsync_TwoMappedAndTheFilesDeleted_AnswerAsTheCopiedOneUntilDisposed()
    {
        using ModelCopy model = new ModelCopy().StoreAsBFloat16();
        GenerationResult expected;
        await using (DenseConnectorModel copied = await LoadAsync(MemoryMap.Never))
        {
            Assert.False(MappedRanges.Any(model.Path));
            expected = await copied.GenerateAsync(tiny.Prompt);
        }

        await using DenseConnectorModel second = await LoadAsync(MemoryMap.Auto);
        await using (DenseConnectorModel first = await LoadAsync(MemoryMap.Auto))
        {
            foreach (string file in Directory.GetFiles(model.Path, "*.safetensors", SearchOption.AllDirectories))
            {
                File.Delete(file);
            }

            Assert.Equal(expected.TokenIds, (await first.GenerateAsync(tiny.Prompt)).TokenIds);
        }

        Assert.True(MappedRanges.Any(model.Path));
        Assert.Equal(expected.TokenIds, (await second.GenerateAsync(tiny.Prompt)).TokenIds);
        await second.DisposeAsync();
        Assert.False(MappedRanges.Any(model.Path));

        Task<DenseConnectorModel> LoadAsync(MemoryMap map) =>
            DenseConnectorModel.LoadAsync(model.Path, new ModelOptions { MemoryMap = map });
    }

    [Fact]
    public async Task LoadAsync_Cancelled_Throws()
    {
        using CancellationTokenSource source = new();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => DenseConnectorModel.LoadAsync(TestData.TinyModel, cancellationToken: source.Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task LoadAsync_NoName_Throws(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(() => DenseConnectorModel.LoadAsync(name));

    [Fact]
    public async Task LoadAsync_UnknownName_SaysWhatIsKnown()
    {
        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(
            () => DenseConnectorModel.LoadAsync("no-such-model"));
        Assert.Contains("dense-connector-tiny", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Info_TinyModel_SaysWhatWasLoaded()
    {
        Assert.Equal("llava_llama", Model.Info.Architecture);
        Assert.Equal("dci", Model.Info.Connector);
        Assert.Equal("vicuna_v1", Model.Info.PromptTemplate);
        Assert.Equal(64, Model.Info.VisualTokensPerPicture);
        Assert.Equal(Precision.Float32, Model.Info.Precision);
        Assert.Equal("cpu", Model.Info.Device);
    }

    [Fact]
    public async Task LoadAsync_Float16OnACpu_SaysWhatToUse()
    {
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => DenseConnectorModel.LoadAsync(
            TestData.TinyModel, new ModelOptions { Precision = Precision.Float16, Device = "cpu" }));

        Assert.Contains("use BFloat16", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Float32)]
    public async Task LoadAsync_Precision_IsWhatTheModelRunsIn(Precision precision)
    {
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(
            TestData.TinyModel, new ModelOptions { Precision = precision });
        Assert.Equal(precision, model.Info.Precision);
        Assert.Equal(TinyModelFixture.Answer, (await model.GenerateAsync(tiny.Prompt)).Text);
    }

    [Fact]
    public async Task LoadAsync_SeparateVisionWeights_AnswersTheSame()
    {
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(
            TestData.TinyModel, new ModelOptions { VisionWeights = VisionWeights.Separate });
        Assert.Equal(TinyModelFixture.Answer, (await model.GenerateAsync(tiny.Prompt)).Text);
    }

    [Fact]
    public async Task StreamAsync_Dialogue_RemembersTheTurnsBefore()
    {
        List<ChatTurn> turns =
        [
            new(ChatRole.User, "<image>\nWhere is the green star?"),
            new(ChatRole.Assistant, "The green star is at the top left."),
            new(ChatRole.User, "What color is it?"),
        ];
        string answer = string.Concat(
            await CollectAsync(Model.ContinueAsync(new Conversation(turns, [tiny.Image]), null, default)));
        Assert.Contains("green", answer, StringComparison.Ordinal);
    }

    private static async Task<List<GenerationUpdate>> CollectAsync(IAsyncEnumerable<GenerationUpdate> updates)
    {
        List<GenerationUpdate> all = [];
        await foreach (GenerationUpdate update in updates)
        {
            all.Add(update);
        }

        return all;
    }

    private sealed class Reports(List<LoadProgress> reports) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => reports.Add(value);
    }
}
