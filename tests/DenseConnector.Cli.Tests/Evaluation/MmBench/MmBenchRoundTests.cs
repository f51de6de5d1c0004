using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.MmBench;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.MmBench;

[Trait("Suite", "Evaluation")]
public sealed class MmBenchRoundTests
{
    [Theory]
    [InlineData("mmbench", false)]
    [InlineData("mmbench_cn", true)]
    public void Ask_EveryQuestion_IsTheRecordedPrompt(string folder, bool isChinese) => Assert.Equal(
        EvaluationData.Rows(folder, "prompts.jsonl").Select(row => (Number(row), Asked(row))),
        Rounds(folder, isEvery: false).Select(round => (Number(round), round.Ask(isChinese))));

    [Theory]
    [InlineData("mmbench")]
    [InlineData("mmbench_cn")]
    public void WriteAnswer_EveryQuestion_IsTheOfficialLine(string folder)
    {
        string[] texts = [.. EvaluationData.Rows(folder, "raw_outputs.jsonl")
            .Select(row => PythonText.Strip(row.Text("raw")))];
        MmBenchRound[] rounds = [.. Rounds(folder, isEvery: false)];
        Assert.Equal(texts.Length, rounds.Length);
        Assert.Equal(
            File.ReadAllLines(EvaluationData.File(folder, "answers.jsonl")),
            rounds.Select((round, i) => Line(round, texts[i], i)));
    }

    [Fact]
    public void Ask_AllRounds_IsTheRecordedPrompt()
    {
        IReadOnlyList<JsonElement> prompts = EvaluationData.Rows("mmbench", "all_rounds_prompts.jsonl");
        Assert.Equal(
            prompts.Select(Asked),
            Rounds("mmbench", isEvery: true).Take(prompts.Count).Select(round => round.Ask(isChinese: false)));
    }

    [Fact]
    public void WriteAnswer_AllRounds_IsTheOfficialLine()
    {
        IReadOnlyList<JsonElement> answers = EvaluationData.Rows("mmbench", "all_rounds_answers.jsonl");
        Assert.Equal(
            File.ReadAllLines(EvaluationData.File("mmbench", "all_rounds_answers.jsonl")),
            Rounds("mmbench", isEvery: true)
                .Take(answers.Count)
                .Select((round, i) => Line(round, answers[i].Text("text"), i)));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void Of_QuestionWithoutOptions_IsAskedUnlessRotated(bool isEvery, int expected) => Assert.Equal(
        expected,
        MmBenchRound.Of(new MmBenchQuestion("x", JsonValue.Create(1), "What?", [], null, null), isEvery).Count());

    [Theory]
    [InlineData(0, "B", 1)]
    [InlineData(0, "A", 0)]
    [InlineData(0, "B.", 0)]
    [InlineData(1, "A", 1)]
    [InlineData(2, "C", 1)]
    [InlineData(2, "B", 0)]
    public void Judge_LetterOfTheRound_IsRightWhereTheRightOptionStands(int round, string text, double expected)
    {
        MmBenchQuestion question = new("x", JsonValue.Create(1), "What?", ["one", "two", "three"], null, "B");
        Assert.Equal(expected, new MmBenchRound(question, round).Judge(text)!.Score);
    }

    [Fact]
    public void Judge_AnswerThatOnlyTheServerKnows_IsOpen() => Assert.Null(
        new MmBenchRound(new MmBenchQuestion("x", JsonValue.Create(1), "What?", ["one"], null, null), 0).Judge("A"));

    private static IEnumerable<MmBenchRound> Rounds(string folder, bool isEvery) => MmBenchQuestion
        .Read(EvaluationData.File(folder, "mmbench_dev.tsv"))
        .SelectMany(question => MmBenchRound.Of(question, isEvery));

    private static int Number(MmBenchRound round) => (int)round.Question.Index!.GetValue<long>();

    private static int Number(JsonElement row) => row.GetProperty("question_id").GetInt32();

    private static string Asked(JsonElement row) =>
        row.Text("prompt").Split(" USER: <image>\n")[1].Replace(" ASSISTANT:", string.Empty, StringComparison.Ordinal);

    private static string Line(MmBenchRound round, string text, int index) =>
        PythonJson.Write(round.WriteAnswer(text, $"golden{index + 1:D16}", "golden-model"));
}
