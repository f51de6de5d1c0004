using System.Text.Json;
using DenseConnector.Text;

namespace DenseConnector.Tests;

/// <summary>What is kept between requests changes how much is read, never an answer.</summary>
public sealed class CachingTests : IAsyncLifetime
{
    private const int SystemTokens = 20;
    private const int VisualTokens = 64;
    private const string Other = "What color is the star?";

    private DenseConnectorModel _model = null!;
    private DenseConnectorModel _without = null!;
    private ImageInput _first = null!;
    private ImageInput _second = null!;

    public async Task InitializeAsync()
    {
        _model = await DenseConnectorModel.LoadAsync(TestData.TinyModel);
        _without = await DenseConnectorModel.LoadAsync(TestData.TinyModel, Off);
        _first = await LoadAsync("ex_001.png");
        _second = await LoadAsync("ex_002.png");
    }

    public async Task DisposeAsync()
    {
        await _model.DisposeAsync();
        await _without.DisposeAsync();
    }

    private static ModelOptions Off { get; } = new() { PrefixCacheBytes = 0, VisualCacheBytes = 0 };

    [Fact]
    public async Task GenerateAsync_SecondQuestionAboutAPicture_ReadsOnlyItsOwnTokens()
    {
        Counts counts = await WatchAsync(_model);
        GenerationResult first = await _model.GenerateAsync(new Prompt(TinyModelFixture.Question, _first));
        Assert.Equal((0, 1, first.Usage.PromptTokens), (first.Usage.CachedTokens, counts.Pictures, counts.Prefilled));

        counts.Clear();
        GenerationResult second = await _model.GenerateAsync(new Prompt(Other, _first));

        Assert.Equal((await _without.GenerateAsync(new Prompt(Other, _first))).TokenIds, second.TokenIds);
        Assert.InRange(second.Usage.CachedTokens, SystemTokens + VisualTokens, second.Usage.PromptTokens - 5);
        Assert.Equal(0, counts.Pictures);
        Assert.Equal(second.Usage.PromptTokens - second.Usage.CachedTokens, counts.Prefilled);
    }

    [Fact]
    public async Task GenerateAsync_SameQuestionAgain_ReadsItsLastTokenOnly()
    {
        Prompt prompt = new(TinyModelFixture.Question, _first);
        GenerationResult first = await _model.GenerateAsync(prompt);

        GenerationResult again = await _model.GenerateAsync(prompt);

        Assert.Equal(first.TokenIds, again.TokenIds);
        Assert.Equal(again.Usage.PromptTokens - 1, again.Usage.CachedTokens);
    }

    [Fact]
    public async Task GenerateAsync_TwoPicturesInTurn_NeverShareAndBothStay()
    {
        Counts counts = await WatchAsync(_model);
        foreach (bool again in new[] { false, true })
        {
            foreach (ImageInput image in new[] { _first, _second })
            {
                foreach (string question in new[] { TinyModelFixture.Question, Other })
                {
                    Prompt prompt = new(question, image);
                    GenerationResult answer = await _model.GenerateAsync(prompt);
                    Assert.Equal((await _without.GenerateAsync(prompt)).TokenIds, answer.TokenIds);
                    bool seen = again || question == Other;
                    Assert.Equal(seen, answer.Usage.CachedTokens > SystemTokens + VisualTokens);
                }
            }
        }

        Assert.Equal(2, counts.Pictures);
    }

    [Fact]
    public async Task GenerateAsync_PictureInAnotherPlace_IsNotLookedAtAgain()
    {
        Counts counts = await WatchAsync(_model);
        await _model.GenerateAsync(new Prompt(TinyModelFixture.Question, _first));
        Prompt both = new(TinyModelFixture.Question, _second, _first);

        GenerationResult answer = await _model.GenerateAsync(both);

        Assert.Equal((await _without.GenerateAsync(both)).TokenIds, answer.TokenIds);
        Assert.Equal(2, counts.Pictures);
    }

    [Fact]
    public async Task GenerateAsync_QuestionsAtOnceAboutOnePicture_LookAtItOnce()
    {
        Counts counts = await WatchAsync(_model);
        Prompt[] prompts = [.. Enumerable.Range(0, 8).Select(i => new Prompt($"{Other} {i}", _first))];

        IReadOnlyList<GenerationResult> answers = await _model.GenerateBatchAsync(prompts);

        Assert.Equal(1, counts.Pictures);
        Assert.Equal(7, answers.Count(answer => answer.Usage.CachedTokens >= SystemTokens + VisualTokens));
        for (int i = 0; i < prompts.Length; i++)
        {
            Assert.Equal((await _without.GenerateAsync(prompts[i])).TokenIds, answers[i].TokenIds);
        }
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public async Task GenerateAsync_EvaluationSet_AnswersAsWithoutCaches(Precision precision)
    {
        await using DenseConnectorModel with = await DenseConnectorModel.LoadAsync(
            TestData.TinyModel, new ModelOptions { Precision = precision });
        await using DenseConnectorModel without = await DenseConnectorModel.LoadAsync(
            TestData.TinyModel, Off with { Precision = precision });
        string folder = Path.Combine(TestData.Fixtures, "tiny-eval");
        int reused = 0;
        foreach (string line in File.ReadLines(Path.Combine(folder, "answers.jsonl")).Take(60))
        {
            JsonElement item = JsonDocument.Parse(line).RootElement;
            Prompt prompt = new(
                item.GetProperty("prompt").GetString()!, await LoadAsync(item.GetProperty("image").GetString()!));
            GenerationResult answer = await with.GenerateAsync(prompt);
            Assert.Equal((await without.GenerateAsync(prompt)).TokenIds, answer.TokenIds);
            reused += answer.Usage.CachedTokens > SystemTokens + VisualTokens ? 1 : 0;
        }

        Assert.InRange(reused, 1, 59);
    }

    [Fact]
    public async Task StreamAsync_DialogueThatGoesOn_ReadsTheNewTurnOnly()
    {
        List<ChatTurn> turns = [new(ChatRole.User, "<image>\n" + TinyModelFixture.Question)];
        GenerationResult first = await AskAsync(_model);
        turns.Add(new ChatTurn(ChatRole.Assistant, first.Text));
        turns.Add(new ChatTurn(ChatRole.User, Other));

        GenerationResult second = await AskAsync(_model);

        // The answer itself stands in the cache too.
        Assert.InRange(second.Usage.CachedTokens, first.Usage.PromptTokens + 5, second.Usage.PromptTokens - 1);
        Assert.Equal((await AskAsync(_without)).TokenIds, second.TokenIds);

        Task<GenerationResult> AskAsync(DenseConnectorModel model) =>
            DenseConnectorModel.CollectAsync(model.ContinueAsync(
                new Conversation(turns, [_first]), null, CancellationToken.None));
    }

    [Fact]
    public async Task GenerateAsync_BeamsBesideAndAfterOthers_AnswerAsWithoutCaches()
    {
        GenerationOptions beams = new() { Beams = 3 };
        Prompt prompt = new(TinyModelFixture.Question, _first);
        Prompt other = new(Other, _first);
        int[] expected = [.. (await _without.GenerateAsync(prompt, beams)).TokenIds];
        int[] greedy = [.. (await _without.GenerateAsync(other)).TokenIds];

        Task<GenerationResult> beside = _model.GenerateAsync(other);
        Assert.Equal(expected, (await _model.GenerateAsync(prompt, beams)).TokenIds);
        Assert.Equal(greedy, (await beside).TokenIds);
        GenerationResult again = await _model.GenerateAsync(prompt, beams);
        Assert.Equal(expected, again.TokenIds);
        Assert.Equal(again.Usage.PromptTokens - 1, again.Usage.CachedTokens);
        Assert.Equal(greedy, (await _model.GenerateAsync(other)).TokenIds);
    }

    [Fact]
    public async Task GenerateAsync_Videos_ShareOnlyWhatIsReadTheSameWay()
    {
        Counts counts = await WatchAsync(_model);
        VideoInput video = new([_first, _second, _first]);
        Prompt[] prompts =
        [
            new(TinyModelFixture.Question, video),
            new(TinyModelFixture.Question, video with { Pool = !video.Pool }),
            new(Other, video),
            new(Other, new VideoInput([_first, _second, _second])),
        ];
        bool[] cached = [false, false, true, false];
        for (int i = 0; i < prompts.Length; i++)
        {
            GenerationResult answer = await _model.GenerateAsync(prompts[i]);
            Assert.Equal((await _without.GenerateAsync(prompts[i])).TokenIds, answer.TokenIds);
            Assert.Equal(cached[i], answer.Usage.CachedTokens > 3 * VisualTokens / 2);
        }

        Assert.Equal(3, counts.Pictures);
    }

    [Fact]
    public async Task GenerateAsync_CutPrompts_AnswerAsWithoutCaches()
    {
        ModelOptions options = new() { LongPrompts = LongPrompts.Cut };
        await using DenseConnectorModel with = await DenseConnectorModel.LoadAsync(TestData.TinyModel, options);
        await using DenseConnectorModel without = await DenseConnectorModel.LoadAsync(
            TestData.TinyModel, Off with { LongPrompts = LongPrompts.Cut });
        GenerationOptions few = new() { MaxNewTokens = 4 };
        string filler = string.Concat(Enumerable.Repeat("circle and square ", 500));
        Prompt[] prompts =
        [
            new(filler, _first), // Cut behind the picture.
            new(filler + "star", _first), // The same once it is cut.
            new(filler + "<image>", _first), // The picture is cut away.
            new("<image>" + filler + "<image>", _first, _second),
        ];
        foreach (Prompt prompt in prompts)
        {
            GenerationResult answer = await with.GenerateAsync(prompt, few);
            Assert.Equal((await without.GenerateAsync(prompt, few)).TokenIds, answer.TokenIds);
            Assert.InRange(answer.Usage.CachedTokens, 0, answer.Usage.PromptTokens - 1);
        }
    }

    [Fact]
    public async Task StreamAsync_LeftEarly_LeavesWhatWasReadToTheNext()
    {
        Prompt prompt = new(TinyModelFixture.Question, _first);
        await foreach (GenerationUpdate update in _model.StreamAsync(prompt))
        {
            break;
        }

        GenerationResult answer = await _model.GenerateAsync(prompt);

        Assert.Equal(TinyModelFixture.Answer, answer.Text);
        Assert.Equal(answer.Usage.PromptTokens - 1, answer.Usage.CachedTokens);
    }

    [Fact]
    public async Task GenerateAsync_SmallBudgets_AreKeptTo()
    {
        const long PrefixBytes = 2 << 20;
        const long VisualBytes = 200 << 10;
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(
            TestData.TinyModel, new ModelOptions { PrefixCacheBytes = PrefixBytes, VisualCacheBytes = VisualBytes });
        (long Prefix, long Visual) most = default;
        string[] images = [.. Directory.EnumerateFiles(
            Path.Combine(TestData.Fixtures, "tiny-eval", "images")).Order(StringComparer.Ordinal).Take(12)];
        foreach (string image in images)
        {
            Prompt prompt = new(TinyModelFixture.Question, await ImageInput.LoadAsync(image));
            GenerationOptions options = new() { MaxNewTokens = 16 };
            Assert.Equal(
                (await _without.GenerateAsync(prompt, options)).TokenIds,
                (await model.GenerateAsync(prompt, options)).TokenIds);
            (long prefix, long visual) = await model.Thread.RunAsync(
                () => (model.Scheduler.KeptPrefixBytes, model.Scheduler.KeptVisualBytes));
            most = (Math.Max(most.Prefix, prefix), Math.Max(most.Visual, visual));
        }

        Assert.InRange(most.Prefix, PrefixBytes / 4, PrefixBytes);
        Assert.InRange(most.Visual, VisualBytes / 4, VisualBytes);
    }

    private static Task<ImageInput> LoadAsync(string name) =>
        ImageInput.LoadAsync(Path.Combine(TestData.Fixtures, "tiny-eval", "images", name));

    /// <summary>Counts what the model does from now on.</summary>
    private static async Task<Counts> WatchAsync(DenseConnectorModel model)
    {
        Counts counts = new();
        await model.Thread.RunAsync(() =>
        {
            model.Parts.Visuals.register_forward_pre_hook((_, pixels) =>
            {
                counts.Pictures++;
                return pixels;
            });
            return model.Parts.Decoder.register_forward_pre_hook((_, embeddings, batch) =>
            {
                // The first tokens of a batch are one prompt's; later calls read one token of each answer.
                counts.Prefilled += batch.Tokens > 1 && batch.Spans.Count == 1 ? batch.Tokens : 0;
                return (embeddings, batch);
            });
        });
        return counts;
    }

    private sealed class Counts
    {
        public int Pictures { get; set; }

        public int Prefilled { get; set; }

        public void Clear() => (Pictures, Prefilled) = (0, 0);
    }
}
