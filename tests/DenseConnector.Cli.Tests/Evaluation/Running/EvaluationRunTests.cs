using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Running;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.Running;

public sealed class EvaluationRunTests : IAsyncLifetime
{
    private const string Colour = "What colour is the circle?";

    /// <summary>A red circle on white, with a palette of one bit; higher than wide, so that it is padded.</summary>
    private static readonly byte[] Circle = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAFQAAABwAQMAAAC6mMWiAAAABlBMVEX////mHh7W433QAAAAj0lEQVR42u3SMQ6AIAwFUImDI0fw" +
        "KBxNjsZROIKjA6ECBfzEaDBxMbHTm0pp/zD89UrNZKqJtsKJiIplsM5WwTZ7CV6ZIpAce4z2R5vSSCbr/Gosc7JKtrV9eQCdyJMK" +
        "trvzyPZ35jF50K+45189+8F9Xu4c73J1O7wv3h3zgDnB/DS5wrxhDjGfTW7/elw73ABYwE+MIHIAAAAASUVORK5CYII=");

    private static readonly GenerationOptions Greedy = new() { MaxNewTokens = 16 };

    private DenseConnectorModel _model = null!;

    public async Task InitializeAsync() => _model = await DenseConnectorModel.LoadAsync(ToolRun.TinyModel);

    public async Task DisposeAsync() => await _model.DisposeAsync();

    [Fact]
    public async Task RunAsync_BenchmarkThatPadsUnconverted_ShowsThePictureWithoutItsPalette()
    {
        ImageInput lost = ImageInput.FromBytes(LostPalette.Apply(Circle, _model.Plan.Processor.Background));
        string expected = (await _model.GenerateAsync(new Prompt(Colour, lost), Greedy)).Text;
        EvaluationItem item = Item(Colour) with { Visual = new PictureBytes(() => Circle) };

        Assert.Equal("The circle is red.", Assert.Single(await AskAsync(new Asking(pads: false), Greedy, 0, item)));
        Assert.NotEqual("The circle is red.", expected);
        Assert.Equal(expected, Assert.Single(await AskAsync(new Asking(pads: true), Greedy, 0, item)));
    }

    [Fact]
    public async Task RunAsync_ItemOfTwoQuestions_AnswersEachOfThem()
    {
        string[] questions = [ToolRun.Question, "What is in the middle right?"];
        string[] alone = await AskAsync(new Asking(), Greedy, 0, [.. questions.Select(question => Item(question))]);

        Assert.NotEqual(alone[0], alone[1]);
        Assert.Equal(alone, await AskAsync(new Asking(), Greedy, 0, Item(questions)));
    }

    [Fact]
    public async Task RunAsync_DrawnAnswers_DifferByThePlaceOfTheQuestionAmongAll()
    {
        GenerationOptions drawn = new() { MaxNewTokens = 8, Temperature = 2, Seed = 1 };
        EvaluationItem[] items = [.. Enumerable.Repeat(Item(ToolRun.Question), 6)];
        string[] all = await AskAsync(new Asking(), drawn, 0, items);

        Assert.NotEqual(all[..^2], all[2..]);
        Assert.Equal(all[2..], await AskAsync(new Asking(), drawn, 2, items[2..]));
    }

    private static EvaluationItem Item(params string[] questions) => new()
    {
        Identity = new() { ["question_id"] = 1 },
        Questions = questions,
        Visual = new PictureFile(ToolRun.Picture),
    };

    /// <summary>The answers to all questions of all items.</summary>
    private async Task<string[]> AskAsync(
        Benchmark benchmark, GenerationOptions generation, int first, params EvaluationItem[] items)
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "answers.jsonl");
        using AnswerFile answers = new(path, benchmark, items, first, "m");
        using FailureFile failures = new(Path.Combine(folder.Path, "failures.jsonl"));
        EvaluationRun run = new(_model, benchmark, generation, scoresChoices: false, batch: 1);
        await run.RunAsync(items, first, answers, failures, choices: null, _ => { }, CancellationToken.None);
        return [.. answers.Texts.Values.SelectMany(texts => texts)];
    }

    /// <summary>A benchmark that only asks.</summary>
    private sealed class Asking : Benchmark
    {
        public Asking(bool pads = false)
            : base("asking", "Asking", "for tests") => PadsUnconverted = pads;

        public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) => [];

        public override EvaluationScore Score(BenchmarkData data, string answerFile) => new(string.Empty);
    }
}
