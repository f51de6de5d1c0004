using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Cli.Tests.Evaluation;
using DenseConnector.Cli.Tests.Evaluation.Judging;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Commands;

/// <summary><c>eval</c> and <c>eval score</c> with a judge behind a server, scripted by the recorded replies.</summary>
[Trait("Suite", "Evaluation")]
public sealed class EvaluateJudgeTests : IDisposable
{
    private const string Retry = "(digit): ";
    private const string Key = "sk-secret-0123";

    private readonly TemporaryFolder _data = new();
    private readonly TemporaryFolder _output = new();

    private string Judgements => Path.Combine(_output.Path, "judgements.jsonl");

    [Fact]
    public async Task Score_LlavaBench_AsksAndScoresAsOfficially()
    {
        await using JudgeEndpoint judge = await LlavaJudgeAsync();

        ToolRun run = await ScoreAsync(LlavaBench, judge);

        Succeeded(run, EvaluationData.Value("llava_bench", "expected_summary.json").Text("stdout"));
        Assert.Equal(
            EvaluationData.Text("llava_bench", "expected_reviews.jsonl"),
            File.ReadAllText(Path.Combine(_output.Path, "reviews.jsonl")));
        Assert.Equal(LlavaReplies.Length, judge.Asked.Count);
        AssertAsked(judge, EvaluationData.Rows("llava_bench", "judge_requests.jsonl"));
    }

    [Fact]
    public async Task Score_MmVet_AsksAgainAndScoresAsOfficially()
    {
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync(MmVetReplies());

        ToolRun run = await ScoreAsync(MmVet, judge);

        // One of the replies is a grade that is no number, and with it the total.
        Succeeded(run, "total ");
        Assert.Equal(
            EvaluationData.Value("mmvet", "expected_request_count.json").EnumerateArray().Select(request =>
                (request.GetProperty("temperature").GetDouble(), request.GetProperty("retry").GetBoolean())),
            judge.Asked.Select(asked => (
                asked.GetProperty("temperature").GetDouble(),
                Content(asked).EndsWith(Retry, StringComparison.Ordinal))));
        AssertAsked(judge, EvaluationData.Rows("mmvet", "judge_requests.jsonl"));
        JsonElement expected = EvaluationData.Value("mmvet", "expected_grades.json");
        JsonElement grades = JsonElement.Parse(File.ReadAllText(Path.Combine(_output.Path, "grades.json"))
            .Replace("NaN", "\"nan\"", StringComparison.Ordinal));
        Assert.All(expected.EnumerateObject(), grade => Assert.All(
            ["content", "score"],
            field => Assert.True(JsonElement.DeepEquals(
                grade.Value.GetProperty(field), grades.GetProperty(grade.Name).GetProperty(field)))));
    }

    [Fact]
    public async Task Score_MeanThatIsNoNumber_HasNoValue()
    {
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync(_ => "nan");

        ToolRun run = await ScoreAsync(MmVet, judge, "--json");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        JsonElement scores = JsonElement.Parse(run.Output);
        Assert.StartsWith("total nan\n", scores.Text("report"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, scores.GetProperty("value").ValueKind);
        Assert.Empty(scores.GetProperty("groups").EnumerateArray());
    }

    [Fact]
    public async Task Score_MathVista_AsksForWhatNoRuleFindsAndScoresAsOfficially()
    {
        Queue<JsonElement> rows = new(
            EvaluationData.Value("mathvista", "extracted.json").EnumerateObject().Select(row => row.Value));
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync(request =>
        {
            JsonElement row = rows.Dequeue();
            while (!Content(request).EndsWith(
                $"\n\n{row.Text("query")}\n\n{row.Text("response")}\n\nExtracted answer: ", StringComparison.Ordinal))
            {
                row = rows.Dequeue();
            }

            return $" {row.Text("extraction")}\n";
        });

        ToolRun run = await ScoreAsync(MathVista, judge);

        JsonElement expected = EvaluationData.Value("mathvista", "expected_scores.json").GetProperty("average");
        Succeeded(
            run,
            $"Correct: {expected.GetProperty("correct")}, Total: {expected.GetProperty("total")}, " +
            $"Accuracy: {expected.Text("accuracy")}%\n");
        Assert.Equal(
            EvaluationData.Value("mathvista", "expected_judge_count.json").GetProperty("judge_calls").GetInt32(),
            judge.Asked.Count);
        Assert.All(EvaluationData.Rows("mathvista", "judge_requests.jsonl").Zip(judge.Asked), pair =>
        {
            (JsonElement row, JsonElement asked) = pair;
            Assert.Equal(row.Text("prompt"), Content(asked));
            Assert.All(["model", "temperature", "max_tokens"], field => Assert.True(
                JsonElement.DeepEquals(row.GetProperty("request").GetProperty(field), asked.GetProperty(field))));
        });
    }

    [Fact]
    public async Task Score_VideoQuestions_CountsTheAcceptedOnlyAndScoresAsOfficially()
    {
        IReadOnlyList<JsonElement> replies = EvaluationData.Rows("video", "qa_judge_replies.jsonl");
        string refused = replies.First(row => !row.GetProperty("accepted").GetBoolean()).Text("reply");
        int answers = WriteShortVideos();
        JsonElement set = EvaluationData.Value("video", "qa_expected_summary.json").EnumerateObject()
            .Select(one => one.Value)
            .Where(one => one.GetProperty("keys").GetArrayLength() <= answers)
            .MaxBy(one => one.GetProperty("keys").GetArrayLength());
        string[] keys = set.GetProperty("keys").Texts();
        Queue<string> accepted = new(keys.Select(key => replies.Single(row => row.Text("key") == key).Text("reply")));
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync(
            _ => accepted.TryDequeue(out string? reply) ? reply : refused);

        ToolRun run = await ScoreAsync(MsvdQa(), judge);

        Succeeded(run, set.Text("tail"));
        Assert.Equal(keys.Length + (10 * (answers - keys.Length)), judge.Asked.Count);
        AssertAsked(judge, EvaluationData.Rows("video", "judge_requests.jsonl")
            .Where(row => row.Text("script") == "eval_video_qa"));
    }

    [Theory]
    [InlineData("video-correctness", "1_correctness")]
    [InlineData("video-detail", "2_detailed_orientation")]
    [InlineData("video-context", "3_context")]
    [InlineData("video-temporal", "4_temporal")]
    [InlineData("video-consistency", "5_consistency")]
    public async Task Score_GenerativeVideo_ScoresAsOfficially(string name, string official)
    {
        JsonElement golden = EvaluationData.Value("video", $"generative_{official}.json");
        JsonElement[] items = [.. golden.GetProperty("items").EnumerateArray()];
        string questions = PythonJson.Write(new JsonArray([.. items.Select(item =>
        {
            JsonObject question = JsonObject.Create(item)!;
            Assert.All(["pred", "pred1", "pred2"], field => question.Remove(field));
            return (JsonNode?)question;
        })]));
        Assert.All(["generic", "temporal", "consistency"], kind =>
            File.WriteAllText(Path.Combine(_data.Path, $"{kind}_qa.json"), questions));
        TouchVideos(items.Select(item => item.Text("video_name")));
        string answers = Path.Combine(_data.Path, "answers.jsonl");
        File.WriteAllLines(answers, items.Select(PythonJson.Write));
        Queue<string> replies = new(golden.GetProperty("stored").EnumerateObject()
            .Select(row => row.Value[0].GetRawText()));
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync(_ => replies.Dequeue());

        ToolRun run = await ScoreAsync([name, "--data", _data.Path, "--answers", answers], judge);

        Succeeded(run, golden.Text("stdout_tail").TrimEnd('\n') + "\n");
        AssertAsked(judge, EvaluationData.Rows("video", "judge_requests.jsonl")
            .Where(row => row.Text("script") == $"evaluate_benchmark_{official}"));
    }

    [Fact]
    public async Task Eval_WithAJudge_AnswersAsksAndScores()
    {
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync(_ => "8 6\nfine");

        ToolRun run = await ToolRun.RunAsync([
            "eval", "llava-bench", .. LlavaBench[1..3], "--images", EvaluationData.Images, "--output", _output.Path,
            "--precision", "float32", "--max-new-tokens", "2", "--judge-url", judge.Url]);

        Succeeded(run, "all 75.0 80.0 60.0\n");
        string[] answers = [.. File.ReadLines(Path.Combine(_output.Path, "answers.jsonl"))
            .Select(line => JsonElement.Parse(line).Text("text"))];
        Assert.Equal(answers.Length, judge.Asked.Count);
        Assert.All(answers, answer => Assert.Contains(judge.Asked, asked => Content(asked, 1).Contains(
            $"[Assistant 2]\n{answer}\n\n[End of Assistant 2]", StringComparison.Ordinal)));
        Assert.Equal(75, JsonElement.Parse(File.ReadAllText(Path.Combine(_output.Path, "scores.json")))
            .GetProperty("value").GetDouble());
    }

    [Fact]
    public async Task Score_Always_KeepsRequestsAndRepliesAsTheyWere()
    {
        await using JudgeEndpoint judge = await LlavaJudgeAsync();

        await ScoreAsync(LlavaBench, judge);

        JsonElement[] lines = [.. File.ReadLines(Judgements).Select(line => JsonElement.Parse(line))];
        Assert.Equal(LlavaReplies, lines.Select(line => line.Text("reply")));
        Assert.All(lines, line => Assert.Equal((JudgeResponse.Model, 1), (
            line.Text("model"), line.GetProperty("try").GetInt32())));
        Assert.All(lines.Zip(judge.Asked), pair => Assert.True(
            JsonElement.DeepEquals(pair.First.GetProperty("request"), pair.Second)));
    }

    [Theory]
    [InlineData(429, "slow down", JudgeServer.Tries, "--judge-concurrency")]
    [InlineData(500, "out of\nmemory", JudgeServer.Tries, "log")]
    [InlineData(400, "no such parameter", 1, "'gpt-4-0314' (--judge-model)")]
    [InlineData(404, "not found", 1, "https://host/v1")]
    public async Task Score_ServerFails_KeepsWhatWasJudgedAndAsksOnlyTheRest(
        int status, string message, int requests, string remedy)
    {
        const int Working = 5;
        await using (JudgeEndpoint failing = await JudgeEndpoint.StartAsync((_, call) => call < Working
            ? JudgeResponse.Of(LlavaReplies[call])
            : JudgeResponse.Failed(status, message)))
        {
            ToolRun run = await ScoreAsync(LlavaBench, failing);

            Failed(
                run, $"item '{LlavaIds[Working]}', try 1 ({failing.Url}/chat/completions refused with {status}, " +
                $"'{message.Replace('\n', ' ')}'", remedy, Judgements, "run this again");
            Assert.Equal(Working + requests, failing.Asked.Count);
            Assert.Equal(Working, File.ReadLines(Judgements).Count());
        }

        await using JudgeEndpoint working = await LlavaJudgeAsync(Working);
        ToolRun rest = await ScoreAsync(LlavaBench, working);

        Succeeded(rest, EvaluationData.Value("llava_bench", "expected_summary.json").Text("stdout"));
        Assert.Equal(LlavaReplies.Length - Working, working.Asked.Count);
    }

    [Fact]
    public async Task Score_ServerIsBusyOnce_GoesOn()
    {
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync((_, call) =>
            call == 3 ? JudgeResponse.Failed(503, "busy") : JudgeResponse.Of(LlavaReplies[call < 3 ? call : call - 1]));

        ToolRun run = await ScoreAsync(LlavaBench, judge);

        Succeeded(run, EvaluationData.Value("llava_bench", "expected_summary.json").Text("stdout"));
        Assert.Equal(LlavaReplies.Length + 1, judge.Asked.Count);
    }

    [Fact]
    public async Task Score_NobodyListens_SaysWhere()
    {
        JudgeEndpoint gone = await LlavaJudgeAsync();
        string url = gone.Url;
        await gone.DisposeAsync();

        ToolRun run = await ToolRun.RunAsync(["eval", "score", .. LlavaBench, "--output", _output.Path,
            "--judge-url", url]);

        Failed(run, $"{url}/chat/completions cannot be reached", "--judge-url", "run this again");
    }

    [Theory]
    [InlineData("<html>Welcome</html>")]
    [InlineData("[]")]
    [InlineData("{\"choices\": []}")]
    [InlineData("{\"choices\": [{\"message\": {\"content\": 5}}]}")]
    [InlineData("{\"choices\": [{\"message\": {\"content\": \"\\ud83d\"}}]}")]
    public async Task Score_ReplyIsNoCompletion_ShowsIt(string body)
    {
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync((_, call) =>
            call < 2 ? JudgeResponse.Of(LlavaReplies[call]) : new JudgeResponse(200, body));

        ToolRun run = await ScoreAsync(LlavaBench, judge);

        Failed(run, $"item '{LlavaIds[2]}'", $"sent no chat completion but '{body}'", "https://host/v1");
        Assert.Equal(3, judge.Asked.Count);
        Assert.Equal(2, File.ReadLines(Judgements).Count());
    }

    [Fact]
    public async Task Score_ReplyOfNull_IsAnEmptyReply()
    {
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync((_, _) =>
            new JudgeResponse(200, "{\"choices\": [{\"message\": {\"content\": null}}]}"));

        ToolRun run = await ScoreAsync(LlavaBench, judge);

        Succeeded(run, "all 100.0 -10.0 -10.0\n");
        Assert.All(File.ReadLines(Judgements), line => Assert.Equal(
            ("", "gpt-4-0314"), (JsonElement.Parse(line).Text("reply"), JsonElement.Parse(line).Text("model"))));
    }

    [Theory]
    [InlineData(Key)]
    [InlineData("")]
    public async Task Score_Key_IsSentAndNowhereElse(string key)
    {
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync((_, _) =>
            JudgeResponse.Failed(401, $"Incorrect API key provided: '{key}'."));

        (int code, string output, string errors) = await ScoreWithKeyAsync(key, judge);

        Assert.Equal(ExitCode.Failure, code);
        Assert.Equal(key.Length == 0 ? null : $"Bearer {key}", Assert.Single(judge.Keys));
        Assert.Contains($"set {JudgeServer.KeyVariable} to a key of this server", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, output + errors, StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(_output.Path), file =>
            Assert.DoesNotContain(Key, File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Score_KeyWithALineBreak_IsRefusedWithoutSayingIt()
    {
        await using JudgeEndpoint judge = await LlavaJudgeAsync();

        (int code, string output, string errors) = await ScoreWithKeyAsync(Key + "\nX: y", judge);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(JudgeServer.KeyVariable, errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, output + errors, StringComparison.Ordinal);
        Assert.Empty(judge.Asked);
    }

    [Fact]
    public async Task Score_Killed_AsksOnlyTheRest()
    {
        const int Working = 4;
        TaskCompletionSource reached = new();
        TaskCompletionSource<JudgeResponse> never = new();
        await using (JudgeEndpoint slow = await SlowJudgeAsync(Working, reached, never.Task))
        {
            using ToolProcess process = new("", "", ScoreArguments(LlavaBench, slow));
            await reached.Task;
            process.Kill();
            await process.EndAsync();
            never.SetResult(JudgeResponse.Failed(500, "gone"));
        }

        await using JudgeEndpoint working = await LlavaJudgeAsync(Working);
        ToolRun rest = await ScoreAsync(LlavaBench, working);

        Succeeded(rest, EvaluationData.Value("llava_bench", "expected_summary.json").Text("stdout"));
        Assert.Equal(LlavaReplies.Length - Working, working.Asked.Count);
    }

    [UnixFact]
    public async Task Score_Ended_KeepsWhatWasJudged()
    {
        const int Working = 4;
        TaskCompletionSource reached = new();
        TaskCompletionSource<JudgeResponse> never = new();
        await using JudgeEndpoint slow = await SlowJudgeAsync(Working, reached, never.Task);
        using ToolProcess process = new("", "", ScoreArguments(LlavaBench, slow));
        await reached.Task;
        process.Terminate();

        (int code, _, string errors) = await process.EndAsync();

        never.SetResult(JudgeResponse.Failed(500, "gone"));
        Assert.Equal(ExitCode.Cancelled, code);
        Assert.EndsWith("denseconnector: cancelled.\n", errors, StringComparison.Ordinal);
        Assert.Equal(LlavaReplies.Take(Working), File.ReadLines(Judgements)
            .Select(line => JsonElement.Parse(line).Text("reply")));
    }

    [Fact]
    public async Task Score_WithoutAServer_ScoresByTheFile()
    {
        await using (JudgeEndpoint judge = await LlavaJudgeAsync())
        {
            await ScoreAsync(LlavaBench, judge);
        }

        byte[] judgements = File.ReadAllBytes(Judgements);
        File.Delete(Path.Combine(_output.Path, "scores.json"));

        ToolRun run = await ToolRun.RunAsync(["eval", "score", .. LlavaBench, "--output", _output.Path]);

        Succeeded(run, EvaluationData.Value("llava_bench", "expected_summary.json").Text("stdout"));
        Assert.Equal(judgements, File.ReadAllBytes(Judgements));
    }

    [Fact]
    public async Task Score_WithoutAServerAndJudgements_SaysThatNothingIsJudged()
    {
        ToolRun run = await ToolRun.RunAsync(["eval", "score", .. LlavaBench, "--output", _output.Path]);

        Succeeded(run, "LLaVA-Bench: the answers are not judged; name a judge with --judge-url");
        Assert.False(File.Exists(Judgements));
    }

    [Fact]
    public async Task Score_ChangedAnswer_IsAskedAgainAlone()
    {
        await using (JudgeEndpoint judge = await LlavaJudgeAsync())
        {
            await ScoreAsync(LlavaBench, judge);
        }

        const int Changed = 7;
        string[] lines = File.ReadAllLines(LlavaBench[^1]);
        JsonObject answer = JsonNode.Parse(lines[Changed])!.AsObject();
        answer["text"] = "another answer";
        lines[Changed] = PythonJson.Write(answer);
        string file = Path.Combine(_data.Path, "changed.jsonl");
        File.WriteAllLines(file, lines);
        await using JudgeEndpoint other = await JudgeEndpoint.StartAsync(_ => "1 10");

        ToolRun run = await ScoreAsync([.. LlavaBench[..^1], file], other);

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Contains("another answer", Content(Assert.Single(other.Asked), 1), StringComparison.Ordinal);
        Assert.Equal(
            [.. LlavaReplies[..Changed], "1 10", .. LlavaReplies[(Changed + 1)..]],
            File.ReadLines(Path.Combine(_output.Path, "reviews.jsonl"))
                .Select(line => JsonElement.Parse(line).Text("content")));
        Assert.Equal(LlavaReplies.Length + 1, File.ReadLines(Judgements).Count());
    }

    [Fact]
    public async Task Score_JudgeModel_IsAskedAndNamesItsJudgements()
    {
        await using JudgeEndpoint judge = await LlavaJudgeAsync();

        await ScoreAsync(LlavaBench, judge, "--judge-model", "my-judge");

        Assert.All(judge.Asked, asked => Assert.Equal("my-judge", asked.Text("model")));
        string[] again = ["eval", "score", .. LlavaBench, "--output", _output.Path];
        Succeeded(
            await ToolRun.RunAsync([.. again, "--judge-model", "my-judge"]),
            EvaluationData.Value("llava_bench", "expected_summary.json").Text("stdout"));
        (await ToolRun.RunAsync(again)).FailedWith(
            ExitCode.Failure, $"no judgement of the item '{LlavaIds[0]}', try 1", "the judge's name");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Score_JudgeConcurrency_IsTheMostAtOnce(int concurrency)
    {
        TaskCompletionSource all = new();
        await using JudgeEndpoint judge = await JudgeEndpoint.StartAsync(async (_, call) =>
        {
            if (call == concurrency - 1)
            {
                all.SetResult();
            }

            await all.Task;
            return JudgeResponse.Of("8 6");
        });

        ToolRun run = await ScoreAsync(LlavaBench, judge, "--judge-concurrency", $"{concurrency}");

        Assert.Equal((ExitCode.Success, concurrency), (run.ExitCode, judge.MostAtOnce));
    }

    [Theory]
    [InlineData("--judge-concurrency", "0")]
    [InlineData("--judge-concurrency", "-1")]
    [InlineData("--judge-concurrency", "many")]
    [InlineData("--judge-url", "localhost")]
    [InlineData("--judge-url", "ftp://localhost/v1")]
    [InlineData("--judge-model", "")]
    public async Task Score_WrongValue_IsRefused(string option, string value)
    {
        ToolRun run = await ToolRun.RunAsync(
            ["eval", "score", .. LlavaBench, "--output", _output.Path, option, value]);

        run.FailedWith(ExitCode.Usage, option, value, "expected a");
    }

    public void Dispose()
    {
        _data.Dispose();
        _output.Dispose();
    }

    private static string[] LlavaReplies { get; } =
        [.. EvaluationData.Rows("llava_bench", "judge_replies.jsonl").Select(row => row.Text("reply"))];

    private static string[] LlavaIds { get; } =
        [.. EvaluationData.Rows("llava_bench", "questions.jsonl").Select(row => $"{row.GetProperty("question_id")}")];

    private static string[] LlavaBench { get; } = Recorded("llava-bench", "llava_bench");

    private static string[] MmVet { get; } = Recorded("mm-vet", "mmvet");

    private static string[] MathVista { get; } = Recorded("mathvista", "mathvista");

    private static string[] Recorded(string name, string folder) =>
    [
        name, "--data", EvaluationData.File(folder), "--images", EvaluationData.Images,
        "--answers", EvaluationData.File(folder, "answers.jsonl"),
    ];

    private static Task<JudgeEndpoint> LlavaJudgeAsync(int first = 0) =>
        JudgeEndpoint.StartAsync((_, call) => JudgeResponse.Of(LlavaReplies[first + call]));

    /// <summary>A judge that replies so many times, then tells that it was reached again, and waits.</summary>
    private static Task<JudgeEndpoint> SlowJudgeAsync(
        int working, TaskCompletionSource reached, Task<JudgeResponse> never) =>
        JudgeEndpoint.StartAsync(async (_, call) =>
        {
            if (call < working)
            {
                return JudgeResponse.Of(LlavaReplies[call]);
            }

            reached.SetResult();
            return await never;
        });

    /// <summary>Replies as scripted for the item under way; an item's first request has no suffix.</summary>
    private static Func<JsonElement, string> MmVetReplies()
    {
        Queue<string[]> items = new(EvaluationData.Rows("mmvet", "judge_replies.jsonl")
            .Select(row => row.GetProperty("replies").Texts()));
        Queue<string> replies = [];
        return request =>
        {
            if (!Content(request).EndsWith(Retry, StringComparison.Ordinal))
            {
                replies = new Queue<string>(items.Dequeue());
            }

            return replies.TryDequeue(out string? reply) ? reply : "nothing";
        };
    }

    private static string Content(JsonElement request, int message = 0) =>
        request.GetProperty("messages")[message].Text("content");

    private static void AssertAsked(JudgeEndpoint judge, IEnumerable<JsonElement> rows)
    {
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Contains(
            judge.Asked, asked => JsonElement.DeepEquals(row.GetProperty("request"), asked)));
    }

    private static void Succeeded(ToolRun run, string report)
    {
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.ExitCode == ExitCode.Success ? "" : run.Error));
        Assert.StartsWith(report, run.Output, StringComparison.Ordinal);
    }

    /// <summary>Checks that progress ends with one line for people that holds all of these texts.</summary>
    private static void Failed(ToolRun run, params string[] texts)
    {
        string[] lines = run.Error.TrimEnd('\n').Split('\n');
        Assert.All(lines[..^1], line => Assert.Contains(" answers judged, ", line, StringComparison.Ordinal));
        new ToolRun(run.ExitCode, run.Output, lines[^1] + Environment.NewLine, []).FailedWith(ExitCode.Failure, texts);
    }

    private int WriteShortVideos()
    {
        string[] ids = [.. EvaluationData.Rows("video", "qa_answers.json").Select(row => row.Text("id"))];
        foreach (string name in new[] { "test_q.json", "test_a.json" })
        {
            File.Copy(EvaluationData.File("video", name), Path.Combine(_data.Path, name));
        }

        TouchVideos(EvaluationData.Value("video", "test_q.json").EnumerateArray()
            .Where(question => ids.Contains(question.Text("question_id")))
            .Select(question => question.Text("video_name")));
        return ids.Length;
    }

    private void TouchVideos(IEnumerable<string> names)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_data.Path, "videos")).FullName;
        foreach (string name in names)
        {
            File.WriteAllText(Path.Combine(folder, name + ".mp4"), string.Empty);
        }
    }

    private string[] MsvdQa() =>
        ["msvd-qa", "--data", _data.Path, "--answers", EvaluationData.File("video", "qa_answers.json")];

    private string[] ScoreArguments(string[] benchmark, JudgeEndpoint judge, params string[] options) =>
    [
        "eval", "score", .. benchmark, "--output", _output.Path, "--judge-url", judge.Url,
        .. options.Contains("--judge-concurrency") ? options : [.. options, "--judge-concurrency", "1"],
    ];

    private Task<ToolRun> ScoreAsync(string[] benchmark, JudgeEndpoint judge, params string[] options) =>
        ToolRun.RunAsync(ScoreArguments(benchmark, judge, options));

    private async Task<(int Code, string Output, string Errors)> ScoreWithKeyAsync(string key, JudgeEndpoint judge)
    {
        using ToolProcess process = ToolProcess.WithVariables(
            [(JudgeServer.KeyVariable, key)], ScoreArguments(LlavaBench, judge));
        return await process.EndAsync();
    }
}
