using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Cli.Evaluation.Video;
using DenseConnector.Cli.Tests.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.Video;

[Trait("Suite", "Evaluation")]
public sealed class VideoBenchmarkTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory().FullName;
    private readonly JudgingFolder _judging = new();

    [Fact]
    public void ReadAndWrite_QuestionsWithVideo_AreTheOfficialPromptsAndLines()
    {
        IReadOnlyList<EvaluationItem> items = ReadShort(VideoQaBenchmark.Msvd, "videos", string.Empty, out _);
        IAnswerLines lines = VideoQaBenchmark.Msvd.StartLines();
        JsonElement[] answers = [.. EvaluationData.Rows("video", "qa_answers.json")];
        Assert.Equal(
            EvaluationData.Rows("video", "prompts.jsonl").Select(row => row.GetProperty("id").GetRawText()),
            items.Select(item => PythonJson.Write(item.Identity["id"])));
        Assert.All(EvaluationData.Rows("video", "prompts.jsonl").Zip(items), pair => Assert.EndsWith(
            $" USER: <image>\n{pair.Second.Questions[0]} ASSISTANT:",
            pair.First.Text("prompt"),
            StringComparison.Ordinal));
        Assert.Equal(
            answers.Select(answer => PythonJson.Write(answer)),
            items.Zip(answers, (item, answer) =>
                PythonJson.Write(lines.Write(item, [answer.Text("pred")], "id", "model"))));
        Assert.Equal(
            EvaluationData.Value("video", "generation.json").GetProperty("max_new_tokens").GetInt32(),
            VideoQaBenchmark.Msvd.Generation.MaxNewTokens);
    }

    [Fact]
    public void Read_ActivityNet_FindsVideosByTheirPrefixInAnyFolder() => Assert.NotEmpty(
        ReadShort(VideoQaBenchmark.ActivityNet, "all_test", "v_", out _));

    [Fact]
    public void Read_ConsistencyQuestions_AsksBoth()
    {
        File.WriteAllText(
            Path.Combine(_data, "consistency_qa.json"),
            """[{"Q1": "What?", "Q2": "Which?", "A": "it", "video_name": "clip"}]""");
        Touch("Test_Videos", "clip.mp4");
        Benchmark benchmark = GenerativeVideoBenchmark.All.Single(one => one.Name == "video-consistency");
        EvaluationItem item = Assert.Single(benchmark.Read(new BenchmarkData(benchmark, _data)));
        Assert.Equal(["What?", "Which?"], item.Questions);
        Assert.Equal(["pred1", "pred2"], benchmark.AnswerFields);
    }

    [Fact]
    public void Read_SomeVideosMissing_SaysHowMany()
    {
        IReadOnlyList<EvaluationItem> items =
            ReadShort(VideoQaBenchmark.Msvd, "videos", string.Empty, out BenchmarkData data);
        int all = EvaluationData.Value("video", "test_q.json").GetArrayLength();
        Assert.Equal(all, data.Entries);
        Assert.All(items, item => Assert.Equal(
            item.Questions[0],
            EvaluationData.Value("video", "test_q.json")[item.Entry!.Value].Text("question")));
        Assert.Contains(
            $"{all - items.Count} of {all} questions lack their video",
            Assert.Single(data.Notes),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoVideoAtAll_SaysSo()
    {
        Copy();
        Directory.CreateDirectory(Path.Combine(_data, "videos"));
        IOException error = Assert.Throws<IOException>(
            () => VideoQaBenchmark.Msvd.Read(new BenchmarkData(VideoQaBenchmark.Msvd, _data)));
        Assert.Contains("--images", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Judge_ShortAnswers_GivesPercentAndAverageScore()
    {
        string answers = EvaluationData.File("video", "qa_answers.json");
        BenchmarkData data = new(VideoQaBenchmark.Msvd, _data);
        JudgingPlan plan = VideoQaBenchmark.Msvd.Judge(data, answers, "judge");
        ScriptedJudge judge = new([.. plan.Tasks.Select(
            (_, i) => i == 0 ? "{'pred': 'no', 'score': 0}" : "{'pred': 'yes', 'score': 4}")]);
        EvaluationScore score = plan.Score(await _judging.AskAsync(judge, plan.Tasks));
        int count = plan.Tasks.Count;
        Assert.Equal(100.0 * (count - 1) / count, score.Value!.Value, 1e-9);
        ScoreGroup average = Assert.Single(score.Groups);
        Assert.Equal((4.0 * (count - 1) / count, count), (average.Value, average.Count));
        Assert.StartsWith($"Yes count: {count - 1}\nNo count: 1\n", score.Report, StringComparison.Ordinal);
        Assert.Equal("results.json", Assert.Single(score.Files).Name);
    }

    [Fact]
    public async Task Judge_NothingButFailures_HasNoValue()
    {
        string answers = EvaluationData.File("video", "qa_answers.json");
        BenchmarkData data = new(VideoQaBenchmark.Msvd, _data);
        JudgingPlan plan = VideoQaBenchmark.Msvd.Judge(data, answers, "judge");
        ScriptedJudge judge = new((_, _) => Task.FromResult("I cannot say"));
        EvaluationScore score = plan.Score(await _judging.AskAsync(judge, plan.Tasks));
        Assert.Null(score.Value);
        Assert.Empty(score.Groups);
    }

    [Fact]
    public async Task ReadAndJudge_GenerativeBenchmarks_AreTheOfficialLinesAndScore()
    {
        Assert.All(GenerativeVideoBenchmark.All, benchmark => Assert.StartsWith("video-", benchmark.Name));
        foreach ((GenerativeVideoBenchmark benchmark, VideoBenchmark official) in
            GenerativeVideoBenchmark.All.Zip(VideoBenchmark.All))
        {
            JsonElement golden = EvaluationData.Value("video", $"generative_{official.Name}.json");
            JsonElement[] expected = [.. golden.GetProperty("items").EnumerateArray()];
            JsonArray questions = new([.. expected.Select(item =>
            {
                JsonObject question = JsonObject.Create(item.Clone())!;
                benchmark.AnswerFields.ToList().ForEach(field => question.Remove(field));
                return (JsonNode?)JsonNode.Parse(question.ToJsonString());
            })]);
            File.WriteAllText(Path.Combine(_data, benchmark.Files[0].Name), questions.ToJsonString());
            foreach (string video in expected.Select(item => item.Text("video_name")))
            {
                Touch("Test_Videos", video + ".mp4");
            }

            BenchmarkData data = new(benchmark, _data);
            IAnswerLines lines = benchmark.StartLines();
            IReadOnlyList<EvaluationItem> items = benchmark.Read(data);
            string[] written = [.. items.Zip(expected, (item, answer) =>
                PythonJson.Write(lines.Write(
                    item, [.. benchmark.AnswerFields.Select(field => answer.Text(field))], "id", "model")))];
            Assert.Equal(expected.Select(item => PythonJson.Write(item)), written);

            string file = _judging.Write("answers.jsonl", string.Join('\n', written));
            JudgingPlan plan = benchmark.Judge(data, file, official.Rubric.Model);
            JsonElement stored = golden.GetProperty("stored");
            ScriptedJudge judge = new([.. plan.Tasks.Select(task => stored.GetProperty(task.Item)[0].GetRawText())]);
            EvaluationScore score = plan.Score(await _judging.AskAsync(judge, plan.Tasks));
            Assert.Equal(golden.Text("stdout_tail").TrimEnd('\n') + "\n", score.Report);
            Assert.EndsWith(PythonNumber.Repr(score.Value!.Value) + "\n", score.Report, StringComparison.Ordinal);
            Assert.Equal(items.Select(item => item.Name), score.Verdicts.Keys);
            Assert.All(score.Verdicts.Values, verdict => Assert.InRange(verdict.Score, 0, 1));
            File.Delete(_judging.File);
        }
    }

    public void Dispose()
    {
        Directory.Delete(_data, recursive: true);
        _judging.Dispose();
    }

    /// <summary>The questions whose videos the official script found, as its answers tell.</summary>
    private IReadOnlyList<EvaluationItem> ReadShort(
        Benchmark benchmark, string folder, string prefix, out BenchmarkData data)
    {
        Copy();
        HashSet<string> answered = [.. EvaluationData.Rows("video", "qa_answers.json")
            .Select(answer => answer.GetProperty("id").GetRawText())];
        foreach (JsonElement question in EvaluationData.Value("video", "test_q.json").EnumerateArray()
            .Where(question => answered.Contains(question.GetProperty("question_id").GetRawText())))
        {
            Touch(folder, prefix + question.Text("video_name") + ".mp4");
        }

        data = new BenchmarkData(benchmark, _data);
        return benchmark.Read(data);
    }

    private void Copy()
    {
        foreach (string name in new[] { "test_q.json", "test_a.json" })
        {
            File.Copy(EvaluationData.File("video", name), Path.Combine(_data, name));
        }
    }

    private void Touch(string folder, string name)
    {
        Directory.CreateDirectory(Path.Combine(_data, folder));
        File.WriteAllText(Path.Combine(_data, folder, name), string.Empty);
    }
}
