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

    /// <summary>Makes the benchmark.</summary>
    public LlavaBenchBenchmark()
        : base(
            "llava-bench",
            "LLaVA-Bench",
            "open questions about diverse pictures; needs a judge",
            LlavaBenchJudge.Model)
    {
        FolderNames = ["llava-bench-in-the-wild"];
        Files = [Questions, Context, References, Pictures];
        ImageFolder = Pictures;
        Generation = new GenerationOptions { MaxNewTokens = 1024 };
    }

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
            Verdicts = reviews.ToDictionary(review => review.Item.Name, review => review.Verdict()),
            Files = [new OutputFile("reviews.jsonl", LlavaBenchReview.Write(reviews))],
        };
    }
}
