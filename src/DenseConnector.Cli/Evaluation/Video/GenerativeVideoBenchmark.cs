using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>A generative video benchmark: long answers to one question, or to one question asked in two ways.</summary>
internal sealed class GenerativeVideoBenchmark : JudgedVideoBenchmark
{
    private const string Origin = "the benchmark of Video-ChatGPT";
    private const string VideoName = "video_name";

    private static readonly DataFile Videos = new(
        "videos", Origin, "VideoChatGPT_Test_Videos", "Test_Videos", "videos");

    private readonly VideoBenchmark _benchmark;
    private readonly DataFile _questions;

    private GenerativeVideoBenchmark(string aspect, VideoBenchmark benchmark, DataFile questions)
        : base($"video-{aspect}", $"Video {aspect}", "long answers about videos", benchmark.Rubric, [questions], Videos)
    {
        (_benchmark, _questions) = (benchmark, questions);
        FolderNames = ["GPT_Zero_Shot_QA"];
        AnswerFields = VideoAnswer.Predictions(benchmark.AsksTwice);
    }

    /// <summary>All five, as they are numbered.</summary>
    public static IReadOnlyList<GenerativeVideoBenchmark> All { get; } =
    [
        new("correctness", VideoBenchmark.Correctness, Questions("generic_qa.json")),
        new("detail", VideoBenchmark.Detail, Questions("generic_qa.json")),
        new("context", VideoBenchmark.Context, Questions("generic_qa.json")),
        new("temporal", VideoBenchmark.Temporal, Questions("temporal_qa.json")),
        new("consistency", VideoBenchmark.Consistency, Questions("consistency_qa.json")),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data)
    {
        VideoNumbers numbers = new();
        return WithVideo(
            data,
            [.. VideoQuestion.ReadList(data.Find(_questions)).Select(question =>
            {
                string video = ItemName.Of(question, VideoName);
                return VideoFiles.Find(data.Images, video) is string file
                    ? ItemOf(question, file, numbers.Next(video))
                    : null;
            })]);
    }

    /// <inheritdoc/>
    public override IAnswerLines StartLines() => new GenerativeVideoLines();

    /// <inheritdoc/>
    protected override IReadOnlyList<VideoAnswer> ReadAnswers(string file) => VideoAnswer.Read(file, _benchmark);

    /// <inheritdoc/>
    protected override EvaluationScore Score(IReadOnlyList<VideoResult> results) =>
        new(VideoResult.Report(_benchmark, results))
        {
            Metric = "average score",
            Value = ValueOf(VideoResult.Average(results)),
        };

    private static DataFile Questions(string file) =>
        new("questions and right answers", Origin, file, $"Benchmarking_QA/{file}");

    private EvaluationItem ItemOf(JsonRecord question, string video, string name)
    {
        string[] fields = _benchmark.AsksTwice ? ["Q1", "Q2"] : ["Q"];
        return new EvaluationItem
        {
            Name = name,
            Identity = new JsonObject(
            [
                KeyValuePair.Create(VideoName, JsonNode.Parse(question.Key(VideoName))),
                .. fields.Select(field => KeyValuePair.Create(field, (JsonNode?)question.Text(field))),
            ]),
            Questions = [.. fields.Select(question.Text)],
            Visual = new VideoFile(video),
            Detail = question,
        };
    }
}
