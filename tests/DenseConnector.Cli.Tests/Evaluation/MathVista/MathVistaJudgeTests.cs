using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.MathVista;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Cli.Tests.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaJudgeTests : IDisposable
{
    private readonly JudgingFolder _folder = new();

    [Fact]
    public void Tasks_EveryRecordedRequest_IsTheSame()
    {
        IReadOnlyList<JsonElement> rows = EvaluationData.Rows("mathvista", "judge_requests.jsonl");
        Assert.All(rows.Zip(Extracted().Tasks), pair =>
        {
            JudgeRequest request = pair.Second.Next([])!;
            JudgeMessage message = Assert.Single(request.Messages);
            Assert.Equal(("user", pair.First.Text("prompt")), (message.Role, message.Content));
            AssertSettings(pair.First.GetProperty("request"), request);
        });
    }

    [Fact]
    public void Tasks_WholeRun_AreAsManyAsRecorded()
    {
        JsonElement expected = EvaluationData.Value("mathvista", "expected_judge_count.json");
        MathVistaExtracted extracted = Extracted();
        Assert.Equal(expected.GetProperty("judge_calls").GetInt32(), extracted.Tasks.Count);
        Assert.All(
            extracted.Tasks, task => AssertSettings(expected.GetProperty("request"), task.Next([])!));
    }

    [Fact]
    public async Task Write_OfTheScriptedReplies_GivesTheOfficialExtractions()
    {
        MathVistaExtracted extracted = Extracted();
        JsonElement expected = EvaluationData.Value("mathvista", "extracted.json");
        ScriptedJudge judge = new([.. extracted.Tasks.Select(
            task => $" {expected.GetProperty(task.Item).Text("extraction")}\n")]);
        string written = extracted.Write(await _folder.AskAsync(judge, extracted.Tasks));
        Assert.Equal(PythonJson.Write(JsonSerializer.SerializeToNode(expected), 4), written);

        // What is extracted is not extracted again, and rules take precedence over no judge's word.
        string again = _folder.Write("again.jsonl", string.Concat(JsonNode.Parse(written)!.AsObject()
            .Select(item => PythonJson.Write(item.Value) + "\n")));
        MathVistaExtracted known = new(again);
        Assert.Empty(known.Tasks);
        Assert.Equal(written, known.Write([]));
    }

    [Fact]
    public async Task Task_EmptyReplies_AreAskedAgainAFewTimes()
    {
        JudgeTask task = MathVistaJudge.Task("1", "How many?", "some");
        ScriptedJudge silent = new((_, _) => Task.FromResult(" \n"));
        JudgedItem judged = Assert.Single(await _folder.AskAsync(silent, [task]));
        Assert.Equal(MathVistaJudge.Tries, judged.Replies.Count);
        Assert.Equal(string.Empty, MathVistaJudge.Extraction(judged));
    }

    public void Dispose() => _folder.Dispose();

    private static MathVistaExtracted Extracted() => new(EvaluationData.File("mathvista", "answers.jsonl"));

    private static void AssertSettings(JsonElement expected, JudgeRequest request) => Assert.Equal(
        (expected.Text("model"), expected.GetProperty("temperature").GetDouble(),
            expected.GetProperty("max_tokens").GetInt32()),
        (request.Model, request.Temperature!.Value, request.MaxTokens!.Value));
}
