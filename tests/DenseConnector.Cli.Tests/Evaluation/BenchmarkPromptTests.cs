using System.Text.Json;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Text;

namespace DenseConnector.Cli.Tests.Evaluation;

/// <summary>Every question is put to the model as the official runner puts it.</summary>
[Trait("Suite", "Evaluation")]
public sealed class BenchmarkPromptTests
{
    private static readonly ModelPlan Plan = ModelPlan.Read(ModelFolder.Find(ToolRun.TinyModel), new ModelOptions());
    private static readonly TextPlan Texts = TextPlan.Read(Plan.Folder, Plan.Config, new ModelOptions());

    public static TheoryData<string> WithPrompts => Goldens.With("prompts.jsonl");

    public static TheoryData<string> WithSettings => Goldens.With("generation.json");

    [Theory]
    [MemberData(nameof(WithPrompts))]
    public void Read_EveryQuestion_GivesTheOfficialPromptAndTokens(string name)
    {
        Benchmark benchmark = Goldens.Find(name);
        IReadOnlyList<EvaluationItem> items = benchmark.Read(Goldens.Data(benchmark));
        IReadOnlyList<JsonElement> expected = Goldens.Rows(benchmark, "prompts.jsonl");
        Assert.Equal(expected.Count, items.Count);
        ImageMarks marks = new(Plan.Config.ImageStartEnd);
        Assert.All(expected.Zip(items), pair =>
        {
            (JsonElement row, EvaluationItem item) = pair;
            Assert.Equal(row.GetProperty("has_image").GetBoolean(), item.Visual is not null);
            string text = marks.Place(item.Questions[0], item.Visual is null ? 0 : 1);
            Conversation question = new([new ChatTurn(ChatRole.User, text)], []);
            Assert.Equal(
                row.GetProperty("prompt").GetString(),
                Texts.Template.Format([.. question.Turns, new ChatTurn(ChatRole.Assistant, null)], null));
            Assert.Equal(
                row.GetProperty("input_ids_tiny_tokenizer").EnumerateArray().Select(id => id.GetInt32()),
                Texts.Encode(question));
        });
    }

    [Theory]
    [MemberData(nameof(WithSettings))]
    public void Generation_OfEachBenchmark_IsTheOfficialOne(string name)
    {
        Benchmark benchmark = Goldens.Find(name);
        JsonElement expected = EvaluationData.Value(Goldens.FolderOf(benchmark)!, "generation.json");
        GenerationOptions found = benchmark.Generation;
        Assert.Equal(expected.GetProperty("max_new_tokens").GetInt32(), found.MaxNewTokens);
        Assert.Equal(expected.GetProperty("temperature").GetSingle(), found.Temperature);
        Assert.Equal(expected.GetProperty("do_sample").GetBoolean(), found.Temperature > 0);
        Assert.Equal(expected.TryGetProperty("num_beams", out JsonElement beams) ? beams.GetInt32() : 1, found.Beams);
        Assert.Equal(1, found.TopP);
    }

    [Fact]
    public void Read_AllRounds_GivesTheOfficialPrompts()
    {
        Benchmark benchmark = Goldens.Find("mmbench-all-rounds");
        BenchmarkData data = new(benchmark, EvaluationData.File("mmbench"));
        IReadOnlyList<JsonElement> expected = EvaluationData.Rows("mmbench", "all_rounds_prompts.jsonl");
        Assert.Equal(
            expected.Select(row => row.Text("prompt")),
            benchmark.Read(data).Take(expected.Count).Select(item => Texts.Template.Format(
                [
                    new ChatTurn(ChatRole.User, $"<image>\n{item.Questions[0]}"),
                    new ChatTurn(ChatRole.Assistant, null),
                ],
                null)));
    }
}
