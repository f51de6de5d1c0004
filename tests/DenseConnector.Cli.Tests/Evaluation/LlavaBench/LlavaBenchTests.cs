using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.LlavaBench;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Cli.Tests.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.LlavaBench;

[Trait("Suite", "Evaluation")]
public sealed class LlavaBenchTests : IDisposable
{
    private readonly JudgingFolder _folder = new();

    [Fact]
    public void Task_EveryRecordedRequest_IsTheSame()
    {
        Dictionary<string, LlavaBenchItem> items = Items().ToDictionary(item => item.Name);
        Assert.All(EvaluationData.Rows("llava_bench", "judge_requests.jsonl"), row =>
        {
            LlavaBenchItem item = items[row.GetProperty("question_id").GetRawText().Trim('"')];
            Assert.True(JsonElement.DeepEquals(
                row.GetProperty("request"),
                JsonElement.Parse(PythonJson.Write(LlavaBenchJudge.Task(item).Next([])!.ToJson()))));
        });
    }

    [Fact]
    public async Task Write_OfTheRecordedReplies_GivesTheOfficialFile() => Assert.Equal(
        EvaluationData.Text("llava_bench", "expected_reviews.jsonl"), LlavaBenchReview.Write(await ReviewAsync()));

    [Fact]
    public void ParseScores_EveryReply_IsAsRecorded() =>
        Assert.All(EvaluationData.Rows("llava_bench", "parse_score.jsonl"), row => Assert.Equal(
            row.GetProperty("scores").Texts(),
            LlavaBenchReview.ParseScores(row.Text("reply")) is (double reference, double model)
                ? [PythonNumber.Repr(reference), PythonNumber.Repr(model)]
                : ["-1", "-1"]));

    [Theory]
    [InlineData("9 7.5\nBecause", 0.75, "7.5 of 10", "the reference: 9.0 of 10")]
    [InlineData("seven", 0, "no scores in the judge's reply", "two scores")]
    public void Verdict_OfAReply_IsTheModelsPart(string reply, double score, string parsed, string expected) =>
        Assert.Equal(
            new Verdict(score, parsed, expected),
            new LlavaBenchReview(Items()[0], reply, LlavaBenchReview.ParseScores(reply)).Verdict());

    [Fact]
    public async Task Report_OfTheReviews_EqualsTheOfficialOne()
    {
        IReadOnlyList<LlavaBenchReview> reviews = await ReviewAsync();
        JsonElement expected = EvaluationData.Value("llava_bench", "expected_summary.json");
        Assert.Equal(expected.Text("stdout"), LlavaBenchSummary.Report(reviews));

        LlavaBenchReview[] formed = [.. reviews.Where(review => review.Scores is not null)];
        Assert.Equal(
            expected.GetProperty("only_well_formed_question_ids").EnumerateArray().Select(id => id.GetRawText()),
            formed.Select(review => review.Item.Question.Key("question_id")));
        Assert.Equal(expected.Text("only_well_formed_stdout"), LlavaBenchSummary.Report(formed));
    }

    [Fact]
    public void Report_Means_AreRoundedBeforeTheyAreDivided()
    {
        string[] replies = ["1 2", "1 3", "2 3"];
        LlavaBenchReview[] reviews = [.. Items().Zip(replies, (item, reply) =>
            new LlavaBenchReview(item, reply, LlavaBenchReview.ParseScores(reply)))];
        Assert.StartsWith("all 200.1 13.3 26.7\n", LlavaBenchSummary.Report(reviews), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralContexts_TakesTheLast()
    {
        string[] contexts = File.ReadAllLines(EvaluationData.File("llava_bench", "context.jsonl"));
        JsonObject other = JsonNode.Parse(contexts[0])!.AsObject();
        other["caption"] = "the last one";
        string file = _folder.Write("context.jsonl", string.Join('\n', [.. contexts, PythonJson.Write(other)]) + "\n");
        string image = other["image"]!.GetValue<string>();
        LlavaBenchItem[] items = [.. Items(contexts: file).Where(item => item.Question.Text("image") == image)];
        Assert.NotEmpty(items);
        Assert.All(items, item => Assert.Equal("the last one", item.Context.Text("caption")));
    }

    [Fact]
    public void Read_AnswersInAnotherOrder_AreRefused()
    {
        string[] lines = File.ReadAllLines(EvaluationData.File("llava_bench", "answers.jsonl"));
        string file = _folder.Write("answers.jsonl", string.Join('\n', lines.Reverse()) + "\n");
        IOException error = Assert.Throws<IOException>(() => Items(file));
        Assert.Contains("line 1 answers the question", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Task_UnknownCategory_Throws()
    {
        LlavaBenchItem item = Items()[0];
        JsonElement question = JsonElement.Parse("{\"question_id\": 0, \"category\": \"new\", \"text\": \"?\"}");
        IOException error = Assert.Throws<IOException>(() =>
            LlavaBenchJudge.Task(item with { Question = item.Question with { Value = question } }));
        Assert.Contains("'llava_bench_new'", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<IReadOnlyList<LlavaBenchReview>> ReviewAsync()
    {
        ScriptedJudge judge = new([.. EvaluationData.Rows("llava_bench", "judge_replies.jsonl")
            .Select(row => row.Text("reply"))]);
        IReadOnlyList<LlavaBenchItem> items = Items();
        JudgeTask[] tasks = [.. items.Select(item => LlavaBenchJudge.Task(item))];
        IReadOnlyList<JudgedItem> asked = await _folder.AskAsync(judge, tasks);
        using JudgementFile file = JudgementFile.Read(_folder.File);
        Assert.Equal(asked.Select(item => item.Replies[0]), file.Replay(tasks).Select(item => item.Replies[0]));
        return LlavaBenchReview.Of(items, asked);
    }

    private static IReadOnlyList<LlavaBenchItem> Items(string? answers = null, string? contexts = null) =>
        LlavaBenchItem.Read(
            EvaluationData.File("llava_bench", "questions.jsonl"),
            contexts ?? EvaluationData.File("llava_bench", "context.jsonl"),
            EvaluationData.File("llava_bench", "answers_gpt4.jsonl"),
            answers ?? EvaluationData.File("llava_bench", "answers.jsonl"));
}
