using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>A generative video benchmark of one question for each item.</summary>
internal sealed class GenerativeVideoBenchmark : JudgedVideoBenchmark
{
    private const string Origin = "the benchmark of Video-ChatGPT";

    private static readonly DataFile Videos = new("videos", Origin, "Test_Videos", "videos");

    private readonly VideoBenchmark _benchmark;
    private readonly DataFile _questions;

    private GenerativeVideoBenchmark(string aspect, VideoBenchmark benchmark, string file)
    {
        _benchmark = benchmark;
        _questions = new DataFile("questions and right answers", Origin, file, $"Benchmarking_QA/{file}");
        Name = "video-" + aspect;
        Title = "Video " + aspect;
    }

    /// <summary>Those that ask once.</summary>
    public static IReadOnlyList<GenerativeVideoBenchmark> All { get; } =
    [
        new("correctness", VideoBenchmark.Correctness, "generic_qa.json"),
        new("detail", VideoBenchmark.Detail, "generic_qa.json"),
        new("context", VideoBenchmark.Context, "generic_qa.json"),
        new("temporal", VideoBenchmark.Temporal, "temporal_qa.json"),
    ];

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Title { get; }

    /// <inheritdoc/>
    public override string FolderName => "video-chatgpt";

    /// <inheritdoc/>
    public override string Description => "long answers about videos; needs ffmpeg and a judge";

    /// <inheritdoc/>
    public override IReadOnlyList<DataFile> Files => [_questions, Videos];

    /// <inheritdoc/>
    public override DataFile? ImageFolder => Videos;

    /// <inheritdoc/>
    protected override VideoRubric Rubric => _benchmark.Rubric;

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) => WithVideo(
        data.Images,
        [.. VideoQuestion.ReadList(data.Find(_questions)).Select(question => ItemOf(question, data.Images))]);

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

    private static EvaluationItem? ItemOf(JsonRecord question, string folder) =>
        VideoFiles.Find(folder, ItemName.Of(question, "video_name")) is not string video ? null : new EvaluationItem
        {
            Identity = new JsonObject
            {
                ["video_name"] = JsonNode.Parse(question.Key("video_name")),
                ["Q"] = question.Text("Q"),
            },
            Text = question.Text("Q"),
            Visual = new VideoFile(video),
            Detail = question,
        };
}
