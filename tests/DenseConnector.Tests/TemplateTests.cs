using System.Text.Json.Nodes;
using DenseConnector.Text;

namespace DenseConnector.Tests;

/// <summary>A request with a prompt template of its own is answered as by a model loaded with that template.</summary>
public sealed class TemplateTests : IAsyncLifetime
{
    private const string Own = "vicuna_v1";

    /// <summary>Begins as the model's own template does, and goes on in another way.</summary>
    private const string Sibling = "llava_v1";

    private static readonly GenerationOptions Short = new() { MaxNewTokens = 24 };

    private DenseConnectorModel _model = null!;
    private DenseConnectorModel _without = null!;
    private Prompt _prompt = null!;

    public async Task InitializeAsync()
    {
        _model = await DenseConnectorModel.LoadAsync(TestData.TinyModel);
        _without = await DenseConnectorModel.LoadAsync(TestData.TinyModel, Off);
        _prompt = new Prompt(TinyModelFixture.Question, await ImageInput.LoadAsync(
            Path.Combine(TestData.Fixtures, "tiny-eval", "images", "ex_001.png")));
    }

    public async Task DisposeAsync()
    {
        await _model.DisposeAsync();
        await _without.DisposeAsync();
    }

    private static ModelOptions Off { get; } = new() { PrefixCacheBytes = 0, VisualCacheBytes = 0 };

    [Fact]
    public async Task GenerateAsync_EveryTemplate_AnswersAsAModelLoadedWithIt()
    {
        List<int[]> answers = [];
        foreach (string name in PromptTemplate.Names)
        {
            await using DenseConnectorModel loaded = await DenseConnectorModel.LoadAsync(
                TestData.TinyModel, Off with { PromptTemplate = name });
            GenerationResult expected = await loaded.GenerateAsync(_prompt, Short);

            GenerationResult answer = await _without.GenerateAsync(_prompt, Short with { PromptTemplate = name });

            Assert.Equal(name, loaded.Info.PromptTemplate);
            Assert.Equal(expected.Usage, answer.Usage);
            Assert.Equal(expected.TokenIds, answer.TokenIds);
            answers.Add([.. answer.TokenIds]);
        }

        Assert.Equal(Own, _without.Info.PromptTemplate);
        Assert.True(answers.Select(ids => string.Join(' ', ids)).Distinct().Count() > 3, "the answers are alike");
    }

    [Fact]
    public async Task GenerateAsync_ManyTemplatesAtOnce_AnswersAsEachAlone()
    {
        GenerationOptions[] options = [.. PromptTemplate.Names.Select(name => Short with { PromptTemplate = name })];
        List<IReadOnlyList<int>> alone = [];
        foreach (GenerationOptions one in options)
        {
            alone.Add((await _without.GenerateAsync(_prompt, one)).TokenIds);
        }

        GenerationResult[] together = await Task.WhenAll(options.Select(one => _without.GenerateAsync(_prompt, one)));

        Assert.Equal(alone, together.Select(answer => answer.TokenIds));
    }

    [Fact]
    public async Task GenerateAsync_TemplatesInTurn_ShareTheTokensTheyBeginWith()
    {
        GenerationOptions sibling = new() { PromptTemplate = Sibling };
        await _model.GenerateAsync(_prompt);

        GenerationResult answer = await _model.GenerateAsync(_prompt, sibling);
        GenerationResult again = await _model.GenerateAsync(_prompt);

        ModelFolder folder = ModelFolder.Find(TestData.TinyModel);
        TextPlan text = TextPlan.Read(folder, _model.Plan.Config, Off);
        Conversation question = new([new ChatTurn(ChatRole.User, "<image>\n" + _prompt.Text)], _prompt.Visuals);
        int shared = text.Encode(question).Zip(text.With(Sibling).Encode(question))
            .TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.InRange(shared, 3, 20);
        Assert.Equal(shared, answer.Usage.CachedTokens);
        Assert.Equal((await _without.GenerateAsync(_prompt, sibling)).TokenIds, answer.TokenIds);
        Assert.Equal(again.Usage.PromptTokens - 1, again.Usage.CachedTokens);
        Assert.Equal(TinyModelFixture.Answer, again.Text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task GenerateAsync_TemplateWithAnEndOfItsOwn_EndsThere(int beams)
    {
        int stop = (await _model.GenerateAsync(_prompt)).TokenIds[^2];
        using ModelCopy copy = new();
        copy.Set(
            "added_tokens_decoder",
            new JsonObject { [$"{stop}"] = new JsonObject { ["content"] = "<|eot_id|>", ["special"] = true } },
            "tokenizer_config.json");
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(copy.Path, Off);
        GenerationOptions options = Short with { Beams = beams };

        GenerationResult own = await model.GenerateAsync(_prompt, options);
        GenerationResult other = await model.GenerateAsync(_prompt, options with { PromptTemplate = "llama_3" });

        // The full stop: by its own template the model says one more thing, that it is done.
        Assert.Equal(stop, own.TokenIds[^2]);
        Assert.Equal(stop, other.TokenIds[^1]);
        Assert.Equal(1, other.TokenIds.Count(id => id == stop));
        Assert.Equal(FinishReason.Stop, other.FinishReason);
    }

    [Fact]
    public void StreamAsync_UnknownTemplate_ListsThemAtOnce() =>
        Assert.StartsWith(
            "There is no prompt template 'nope', known are chatml_direct, ",
            Assert.Throws<ArgumentException>(
                () => _model.StreamAsync(_prompt, new GenerationOptions { PromptTemplate = "nope" })).Message,
            StringComparison.Ordinal);
}
