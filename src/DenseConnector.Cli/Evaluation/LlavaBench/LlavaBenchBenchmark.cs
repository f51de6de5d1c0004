using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.LlavaBench;

/// <summary>LLaVA-Bench (in the wild): open questions, judged beside the answers of a reference model.</summary>
internal sealed class LlavaBenchBenchmark : JudgedBenchmark
{
    private const string Dataset = "the dataset liuhaotian/llava-bench-in-the-wild of the hub";

    private static readonly DataFile Questions = new("questions", Dataset, "questions.jsonl");
    private static readonly DataFile Context = new("descriptions of the pictures", Dataset, "context.jsonl");
    private static readonly DataFile References = new("the reference answers", Dataset, "answers_gpt4.jsonl");
    private static readonly DataFile Pictures = new("pictures", Dataset, "images");

    /// <inheritdoc/>
    public override string Name => "llava-bench";

    /// <inheritdoc/>
    public override string Title => "LLaVA-Bench";

    /// <inheritdoc/>
    public override string FolderName => "llava-bench-in-the-wild";

    /// <inheritdoc/>
    public override string Description => "open questions about diverse pictures; needs a judge";

    /// <inheritdoc/>
    public override IReadOnlyList<DataFile> Files => [Questions, Context, References, Pictures];

    /// <inheritdoc/>
    public override DataFile? ImageFolder => Pictures;

    /// <inheritdoc/>
    public override GenerationOptions Generation { get; } = new() { MaxNewTokens = 1024 };

    /// <inheritdoc/>
    public override string JudgeModel => LlavaBenchJudge.Model;

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) =>
        QuestionLines.Read(data.Find(Questions), data.Images);

    /// <inheritdoc/>
    public override JudgingPlan Judge(BenchmarkData data, string answerFile, string judgeModel)
    {
        IReadOnlyList<LlavaBenchItem> items = LlavaBenchItem.Read(
            data.Find(Questions), data.Find(Context), data.Find(References), answerFile);
        return new JudgingPlan(
            [.. items.Select(item => LlavaBenchJudge.Task(item, judgeModel))],
            judged => Score(LlavaBenchReview.Of(items, judged)));
    }

    private static EvaluationScore Score(IReadOnlyList<LlavaBenchReview> reviews)
    {
        IReadOnlyList<LlavaBenchSummary> rows = LlavaBenchSummary.Of(reviews);
        return new EvaluationScore(LlavaBenchSummary.Report(reviews))
        {
            Metric = "score relative to the reference",
            Value = rows.Single(row => row.Category == LlavaBenchSummary.All).Relative,
            Groups = [.. rows.Where(row => row.Category != LlavaBenchSummary.All).Select(row => new ScoreGroup(
                "category",
                row.Category,
                row.Relative,
                reviews.Count(review => review.Item.Category == row.Category)))],
            Files = [new OutputFile("reviews.jsonl", LlavaBenchReview.Write(reviews))],
        };
    }
}
