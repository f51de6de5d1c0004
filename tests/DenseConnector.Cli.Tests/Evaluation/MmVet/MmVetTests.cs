using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.MmVet;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Cli.Tests.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.MmVet;

[Trait("Suite", "Evaluation")]
public sealed class MmVetTests : IDisposable
{
    private readonly JudgingFolder _folder = new();

    [Fact]
    public void Write_OfTheAnswers_GivesTheOfficialFile() =>
        Assert.Equal(EvaluationData.Text("mmvet", "expected_results.json"), MmVetResults.Write(Results()));

    [Fact]
    public async Task Task_WholeRun_AsksAsRecorded()
    {
        ScriptedJudge judge = Judge();
        await _folder.AskAsync(judge, Tasks());
        Assert.Equal(
            EvaluationData.Value("mmvet", "expected_request_count.json").EnumerateArray().Select(request =>
                (request.GetProperty("temperature").GetDouble(), request.GetProperty("retry").GetBoolean())),
            judge.Asked.Select(asked => (
                asked.Temperature!.Value,
                asked.Messages[0].Content.EndsWith("(digit): ", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Task_EveryRecordedRequest_IsSent()
    {
        await _folder.AskAsync(Judge(), Tasks());
        JsonElement[] sent = [.. File.ReadLines(_folder.File)
            .Select(line => JsonElement.Parse(line).GetProperty("request"))];
        Assert.All(
            EvaluationData.Rows("mmvet", "judge_requests.jsonl"),
            row => Assert.Contains(sent, request => JsonElement.DeepEquals(row.GetProperty("request"), request)));
    }

    [Fact]
    public async Task Write_OfTheGrades_HasTheOfficialContent()
    {
        string written = MmVetGrade.Write(await GradeAsync());
        JsonNode found = JsonNode.Parse(written.Replace("NaN", "\"nan\"", StringComparison.Ordinal))!;
        Assert.Equal(
            PythonJson.Write(JsonNode.Parse(EvaluationData.Text("mmvet", "expected_grades.json"))),
            PythonJson.Write(found));
        const string Score = "\"score\": [\n            ";
        Assert.Equal(
            PythonJson.Write(found, 4).Replace(Score + "\"nan\"", Score + "NaN", StringComparison.Ordinal), written);
    }

    [Fact]
    public async Task Of_TheGrades_EqualsTheOfficialSummary()
    {
        JsonElement expected = EvaluationData.Value("mmvet", "expected_summary.json");
        MmVetSummary summary = MmVetSummary.Of([.. (await GradeAsync()).Select(
            grade => double.IsNaN(grade.Score) ? grade with { Score = 0.5 } : grade)]);
        AssertScores("by_capability", summary.ByCapability);
        AssertScores("by_capability_set", summary.ByCapabilitySet);

        void AssertScores(string name, IReadOnlyList<(string Name, double Score)> scores) => Assert.Equal(
            expected.GetProperty(name).EnumerateObject()
                .Where(score => score.Name is not ("std" or "runs"))
                .ToDictionary(score => score.Name, score => score.Value.GetDouble()),
            scores.Append(("total", summary.Total)).ToDictionary());
    }

    [Fact]
    public async Task Of_GradeOfTheSixthReply_IsNotLookedAt()
    {
        MmVetItem item = Items()[0];
        ScriptedJudge judge = new("a", "b", "c", "d", "e", "1.0 f");
        MmVetGrade grade = Assert.Single(MmVetGrade.Of([item], await _folder.AskAsync(judge, [MmVetJudge.Task(item)])));
        Assert.Equal((0, "1.0 f"), (grade.Score, grade.Content));
    }

    [Fact]
    public void Of_HalfOfATenth_IsRoundedToTheEvenOne()
    {
        MmVetGrade grade = new(Items()[0], "judge", "0", 0);
        Assert.Equal(6.2, MmVetSummary.Of([grade with { Score = 0.5 }, .. Enumerable.Repeat(grade, 7)]).Total);
    }

    [Fact]
    public void Read_SeveralAnswersToAQuestion_TakesTheLast()
    {
        string[] lines = File.ReadAllLines(EvaluationData.File("mmvet", "answers.jsonl"));
        JsonObject other = JsonNode.Parse(lines[0])!.AsObject();
        other["text"] = "the last one";
        string file = _folder.Write("answers.jsonl", string.Join('\n', [.. lines, PythonJson.Write(other)]) + "\n");
        Assert.Equal("the last one", MmVetResults.Read(file)[$"v1_{other["question_id"]}"]);
    }

    [Fact]
    public void Capabilities_NamedTwice_CountOnce()
    {
        MmVetItem item = Items()[0];
        JsonElement question = JsonElement.Parse("""{"capability": ["rec", "ocr", "rec"]}""");
        Assert.Equal(
            ["rec", "ocr"], (item with { Question = item.Question with { Value = question } }).Capabilities);
    }

    [Fact]
    public async Task Verdict_OfTheGrades_IsTheGradeAndTheTruth() => Assert.All(await GradeAsync(), grade =>
    {
        Assert.Equal(double.IsNaN(grade.Score) ? 0 : grade.Score, grade.Verdict().Score);
        Assert.Equal(grade.Item.Question.Text("answer"), grade.Verdict().Expected);
    });

    [Fact]
    public void Read_QuestionWithoutAnswer_IsRefused()
    {
        IOException error = Assert.Throws<IOException>(() =>
            MmVetItem.Read(EvaluationData.File("mmvet", "mm-vet.json"), new Dictionary<string, string>()));
        Assert.Contains("has no answer", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Replies as scripted for the item under way; an item's first request has no suffix.</summary>
    private static ScriptedJudge Judge()
    {
        Queue<string[]> items = new(EvaluationData.Rows("mmvet", "judge_replies.jsonl")
            .Select(row => row.GetProperty("replies").Texts()));
        Queue<string> replies = [];
        return new ScriptedJudge((request, _) =>
        {
            if (!request.Messages[0].Content.EndsWith("(digit): ", StringComparison.Ordinal))
            {
                replies = new Queue<string>(items.Dequeue());
            }

            return Task.FromResult(replies.TryDequeue(out string? reply) ? reply : "nothing");
        });
    }

    private async Task<IReadOnlyList<MmVetGrade>> GradeAsync() =>
        MmVetGrade.Of(Items(), await _folder.AskAsync(Judge(), Tasks()));

    private static IEnumerable<JudgeTask> Tasks() => Items().Select(item => MmVetJudge.Task(item));

    private static IReadOnlyList<MmVetItem> Items() =>
        MmVetItem.Read(EvaluationData.File("mmvet", "mm-vet.json"), Results());

    private static OrderedDictionary<string, string> Results() =>
        MmVetResults.Read(EvaluationData.File("mmvet", "answers.jsonl"));
}
