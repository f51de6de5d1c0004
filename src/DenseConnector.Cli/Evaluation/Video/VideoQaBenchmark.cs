using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>MSVD-QA, MSRVTT-QA or ActivityNet-QA: short questions about videos.</summary>
internal sealed class VideoQaBenchmark : JudgedVideoBenchmark
{
    private const string Origin = "the zero-shot question-answer data of Video-ChatGPT";

    private static readonly DataFile Questions = new("questions", Origin, "test_q.json");
    private static readonly DataFile Answers = new("right answers", Origin, "test_a.json");

    private readonly string _prefix;

    private VideoQaBenchmark(string name, string title, string folder, string videos, string prefix = "")
        : base(
            name,
            title,
            "short questions about videos",
            VideoBenchmark.Short,
            [Questions, Answers],
            new DataFile("videos", Origin, videos, "videos")) =>
        (FolderNames, _prefix) = ([folder, $"GPT_Zero_Shot_QA/{folder}"], prefix);

    /// <summary>MSVD-QA.</summary>
    public static VideoQaBenchmark Msvd { get; } = new("msvd-qa", "MSVD-QA", "MSVD_Zero_Shot_QA", "videos");

    /// <summary>MSRVTT-QA.</summary>
    public static VideoQaBenchmark Msrvtt { get; } =
        new("msrvtt-qa", "MSRVTT-QA", "MSRVTT_Zero_Shot_QA", "videos/all");

    /// <summary>ActivityNet-QA.</summary>
    public static VideoQaBenchmark ActivityNet { get; } =
        new("activitynet-qa", "ActivityNet-QA", "Activitynet_Zero_Shot_QA", "all_test", "v_");

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) => WithVideo(
        data,
        [.. VideoQuestion.Read(data.Find(Questions), data.Find(Answers)).Select(
            question => ItemOf(question, data.Images))]);

    /// <inheritdoc/>
    public override IAnswerLines StartLines() => new VideoQaLines();

    /// <inheritdoc/>
    protected override IReadOnlyList<VideoAnswer> ReadAnswers(string file) => VideoAnswer.ReadShort(file);

    /// <inheritdoc/>
    protected override EvaluationScore Score(IReadOnlyList<VideoResult> results)
    {
        VideoVerdict[] verdicts = [.. results.Select(result => result.Verdict).OfType<VideoVerdict>()];
        VideoQaScore score = VideoQaScore.Of(verdicts);
        return new EvaluationScore(score.Report())
        {
            Value = ValueOf(100 * score.Accuracy),
            Groups = ValueOf(score.AverageScore) is double average
                ? [new ScoreGroup("judgement", "average score", average, verdicts.Length)]
                : [],
        };
    }

    private EvaluationItem? ItemOf(VideoQuestion question, string folder)
    {
        // A folder named by the user need not have ActivityNet in its path.
        string? video = VideoFiles.FindForQuestion(folder, question.Video) ??
            VideoFiles.Find(folder, _prefix + question.Video);
        return video is null ? null : new EvaluationItem
        {
            Identity = new JsonObject { ["id"] = JsonNode.Parse(question.Id) },
            Questions = [question.Question],
            Visual = new VideoFile(video),
            Detail = question,
        };
    }
}
