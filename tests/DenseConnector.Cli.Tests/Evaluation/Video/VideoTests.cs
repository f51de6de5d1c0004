using System.Text.Json;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Cli.Evaluation.Video;
using DenseConnector.Cli.Tests.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.Video;

[Trait("Suite", "Evaluation")]
public sealed class VideoTests : IDisposable
{
    private const string ShortScript = "eval_video_qa";

    private readonly JudgingFolder _folder = new();

    public static TheoryData<string> Benchmarks => [.. VideoBenchmark.All.Select(benchmark => benchmark.Name)];

    [Fact]
    public void Write_OfTheRecordedPredictions_GivesTheOfficialFile()
    {
        Dictionary<string, string> predictions = EvaluationData.Rows("video", "qa_answers.json")
            .ToDictionary(row => row.GetProperty("id").GetRawText(), row => row.Text("pred"));
        Assert.Equal(
            EvaluationData.Text("video", "qa_answers.json"),
            string.Concat(Questions()
                .Where(question => predictions.ContainsKey(question.Id))
                .Select(question => PythonJson.Write(question.Write(predictions[question.Id])) + "\n")));
    }

    [Fact]
    public void Read_EveryRecordedPrompt_IsTheQuestion()
    {
        Dictionary<string, VideoQuestion> questions = Questions().ToDictionary(question => question.Id);
        Assert.All(EvaluationData.Rows("video", "prompts.jsonl"), row => Assert.EndsWith(
            $" USER: <image>\n{questions[row.GetProperty("id").GetRawText()].Question} ASSISTANT:",
            row.Text("prompt"),
            StringComparison.Ordinal));
    }

    [Fact]
    public void Task_EveryRecordedRequestOfShortQuestions_IsTheSame()
    {
        IReadOnlyList<VideoAnswer> answers =
            VideoAnswer.ReadShort(EvaluationData.File("video", "qa_answers.json"));
        JsonElement[] requests = [.. Requests(ShortScript).Select(row => row.GetProperty("request"))];
        Assert.All(requests.Zip(answers), pair => AssertSame(pair.First, VideoBenchmark.Short.Task(pair.Second)));
    }

    [Theory]
    [MemberData(nameof(Benchmarks))]
    public void Task_EveryRecordedRequestOfABenchmark_IsTheSame(string name)
    {
        VideoBenchmark benchmark = Benchmark(name);
        Dictionary<string, VideoAnswer> answers = Answers(benchmark).ToDictionary(answer => answer.Key);
        Assert.All(Requests($"evaluate_benchmark_{name}"), row => AssertSame(
            row.GetProperty("request"), benchmark.Rubric.Task(answers[row.Text("key")])));
    }

    [Theory]
    [MemberData(nameof(Benchmarks))]
    public async Task Report_OfABenchmark_EqualsTheOfficialOne(string name)
    {
        VideoBenchmark benchmark = Benchmark(name);
        JsonElement stored = Golden(benchmark).GetProperty("stored");
        IReadOnlyList<VideoAnswer> answers = Answers(benchmark);
        ScriptedJudge judge = new([.. answers.Select(answer => stored.GetProperty(answer.Key)[0].GetRawText())]);
        IReadOnlyList<VideoResult> results = VideoResult.Of(
            answers, await _folder.AskAsync(judge, answers.Select(answer => benchmark.Rubric.Task(answer))));
        Assert.Equal(PythonJson.Write(stored), VideoResult.Write(results));
        Assert.Equal(
            Golden(benchmark).Text("stdout_tail").TrimEnd('\n') + "\n", VideoResult.Report(benchmark, results));
    }

    [Fact]
    public void Parse_EveryReply_IsAcceptedAndStoredAsRecorded() =>
        Assert.All(EvaluationData.Rows("video", "qa_judge_replies.jsonl"), row =>
        {
            VideoVerdict? verdict = VideoVerdict.Parse(row.Text("reply"));
            Assert.Equal(row.GetProperty("accepted").GetBoolean(), verdict is not null);
            Assert.Equal(PythonJson.Write(row.GetProperty("stored")), PythonJson.Write(verdict?.Value));
        });

    [Theory]
    [InlineData("\n {'pred': 'yes', 'score': 1}")]
    [InlineData("# said\n\t{'pred': 'yes', 'score': 1}")]
    [InlineData("{'pred': 'yes', 'score': 1}\n  ")]
    [InlineData("{['pred']: 'yes'}")]
    public void Parse_WhatPythonRefuses_IsNull(string reply) => Assert.Null(VideoVerdict.Parse(reply));

    [Fact]
    public void Parse_KeysThatAreNoTexts_AreStoredAsPythonDoes() => Assert.Equal(
        "{\"2\": [2], \"true\": null, \"a\": 3}",
        PythonJson.Write(VideoVerdict.Parse("\n{2: (2,), True: None, 'a': 1, 'a': 3}")!.Value));

    [Fact]
    public void Score_InfiniteNumber_IsNone() => Assert.Null(VideoVerdict.Parse("{'score': 1e999}")!.Score());

    [Fact]
    public void Report_EveryRecordedSet_EqualsTheOfficialOne()
    {
        Dictionary<string, string> replies = EvaluationData.Rows("video", "qa_judge_replies.jsonl")
            .ToDictionary(row => row.Text("key"), row => row.Text("reply"));
        Assert.All(EvaluationData.Value("video", "qa_expected_summary.json").EnumerateObject(), set => Assert.Equal(
            set.Value.Text("tail"),
            VideoQaScore.Of(set.Value.GetProperty("keys").Texts().Select(key => VideoVerdict.Parse(replies[key])!))
                .Report()));
    }

    [Fact]
    public async Task Task_RepliesThatAreNoValue_AreAskedAgainAndFailInTheEnd()
    {
        VideoAnswer[] answers = [.. VideoAnswer.ReadShort(EvaluationData.File("video", "qa_answers.json")).Take(2)];
        ScriptedJudge judge = new((_, call) => Task.FromResult(call == 2 ? "{'pred': 'yes', 'score': 4}" : "yes, 4"));
        IReadOnlyList<VideoResult> results = VideoResult.Of(
            answers, await _folder.AskAsync(judge, answers.Select(answer => VideoBenchmark.Short.Task(answer))));
        Assert.Equal(3 + VideoRubric.Tries, judge.Asked.Count);
        Assert.NotNull(results[0].Verdict);
        Assert.Null(results[1].Verdict);
        Assert.DoesNotContain(answers[1].Key, VideoResult.Write(results), StringComparison.Ordinal);
        Assert.Equal(4, VideoResult.Average(results));
    }

    [Fact]
    public void Average_VerdictWithoutScore_NamesTheItem()
    {
        VideoAnswer answer = VideoAnswer.ReadShort(EvaluationData.File("video", "qa_answers.json"))[0];
        const string Reply = "{'score': 'four'}";
        IOException error = Assert.Throws<IOException>(() =>
            VideoResult.Average([new VideoResult(answer, VideoVerdict.Parse(Reply), Reply)]));
        Assert.Contains($"'{answer.Key}' is '{Reply}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 8, new[] { 0 })]
    [InlineData(3, 8, new[] { 0, 1, 1 })]
    [InlineData(8, 8, new[] { 0, 1, 2, 3, 4, 4, 5, 6 })]
    [InlineData(100, 8, new[] { 6, 18, 31, 43, 56, 68, 80, 93 })]
    public void SampleFrames_OfAVideo_AreThoseOfTheReference(int total, int wanted, int[] expected) =>
        Assert.Equal(expected, VideoFiles.SampleFrames(total, wanted));

    [Fact]
    public void Find_SeveralForms_TakesTheFirstOne()
    {
        string mkv = _folder.Write("clip0.mkv", string.Empty);
        string folder = Path.GetDirectoryName(mkv)!;
        Assert.Equal(mkv, VideoFiles.FindForQuestion(folder, "clip0"));
        Assert.Equal(_folder.Write("clip0.avi", string.Empty), VideoFiles.Find(folder, "clip0"));
        Assert.Null(VideoFiles.Find(folder, "clip1"));

        string activityNet = Directory.CreateDirectory(Path.Combine(folder, "Activitynet_Zero_Shot_QA")).FullName;
        string named = Path.Combine(activityNet, "v_clip0.mp4");
        File.WriteAllText(named, string.Empty);
        Assert.Equal(named, VideoFiles.FindForQuestion(activityNet, "clip0"));
    }

    public void Dispose() => _folder.Dispose();

    private static IReadOnlyList<VideoQuestion> Questions() => VideoQuestion.Read(
        EvaluationData.File("video", "test_q.json"), EvaluationData.File("video", "test_a.json"));

    private static VideoBenchmark Benchmark(string name) =>
        VideoBenchmark.All.Single(benchmark => benchmark.Name == name);

    private static JsonElement Golden(VideoBenchmark benchmark) =>
        EvaluationData.Value("video", $"generative_{benchmark.Name}.json");

    private static JsonElement[] Requests(string script)
    {
        JsonElement[] requests = [.. EvaluationData.Rows("video", "judge_requests.jsonl")
            .Where(row => row.Text("script") == script)];
        Assert.NotEmpty(requests);
        return requests;
    }

    private IReadOnlyList<VideoAnswer> Answers(VideoBenchmark benchmark) => VideoAnswer.Read(
        _folder.Write("answers.jsonl", string.Concat(Golden(benchmark).GetProperty("items").EnumerateArray()
            .Select(item => PythonJson.Write(item) + "\n"))),
        benchmark);

    private static void AssertSame(JsonElement expected, JudgeTask task) => Assert.Equal(
        PythonJson.Write(expected), PythonJson.Write(task.Next([])!.ToJson()));
}
