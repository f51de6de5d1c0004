using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MmVet;

/// <summary>MM-Vet: questions that need several abilities together, graded by a judge.</summary>
internal sealed class MmVetBenchmark : JudgedBenchmark
{
    private const string Archive = "mm-vet.zip of the MM-Vet repository";

    private static readonly DataFile Questions = new("questions", "LLaVA's eval.zip", "llava-mm-vet.jsonl");
    private static readonly DataFile Truth = new("truths and abilities", Archive, "mm-vet.json");
    private static readonly DataFile Pictures = new("pictures", Archive, "images");

    /// <summary>Makes the benchmark.</summary>
    public MmVetBenchmark()
        : base("mm-vet", "MM-Vet", "abilities that must work together; needs a judge", MmVetJudge.Model)
    {
        FolderNames = ["mm-vet", "mmvet"];
        Files = [Questions, Truth, Pictures];
        ImageFolder = Pictures;
        Generation = new GenerationOptions { MaxNewTokens = 1024 };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) =>
        [.. QuestionLines.Read(data.Find(Questions), data.Images)
            .Select(item => item with { Name = MmVetResults.NameOf(item.Name) })];

    /// <summary>The file that the official server grades.</summary>
    public override EvaluationScore Score(BenchmarkData data, string answerFile) =>
        base.Score(data, answerFile) with { Files = [Results(answerFile)] };

    /// <inheritdoc/>
    public override JudgingPlan Judge(BenchmarkData data, string answerFile, string judgeModel)
    {
        IReadOnlyList<MmVetItem> items = MmVetItem.Read(data.Find(Truth), MmVetResults.Read(answerFile));
        return new JudgingPlan(
            [.. items.Select(item => MmVetJudge.Task(item, judgeModel))],
            judged => Score(MmVetGrade.Of(items, judged), answerFile));
    }

    private static EvaluationScore Score(IReadOnlyList<MmVetGrade> grades, string answerFile)
    {
        MmVetSummary summary = MmVetSummary.Of(grades);
        IEnumerable<string> lines =
            summary.ByCapability.Select(row => $"{row.Name} {PythonNumber.Repr(row.Score)}\n");
        return new EvaluationScore($"total {PythonNumber.Repr(summary.Total)}\n{string.Concat(lines)}")
        {
            Metric = "mean grade",
            Value = summary.Total,
            Groups = [.. summary.ByCapability.Select(row => new ScoreGroup(
                "capability",
                row.Name,
                row.Score,
                grades.Count(grade => grade.Item.Capabilities.Contains(row.Name))))],
            Verdicts = grades.ToDictionary(grade => grade.Item.Id, grade => grade.Verdict()),
            Files = [Results(answerFile), new OutputFile("grades.json", MmVetGrade.Write(grades))],
        };
    }

    private static OutputFile Results(string answerFile) =>
        new("results.json", MmVetResults.Write(MmVetResults.Read(answerFile)));
}
