using DenseConnector.Catalog;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Running;

namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>A run in the report's table, beside the cell of the zoo's table.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Benchmark">The benchmark's name in tables.</param>
/// <param name="Metric">What the score is; <c>null</c> without one.</param>
/// <param name="Score">The official score; <c>null</c> while there is none.</param>
/// <param name="RunningScore">The mean verdict on the answers there are, in percent.</param>
/// <param name="Published">The zoo's score; <c>null</c> where the zoo has none.</param>
/// <param name="Questions">How many questions the benchmark has.</param>
/// <param name="Answered">How many have an answer.</param>
/// <param name="Failed">How many failed in the latest run.</param>
/// <param name="Settings">How the answers were made.</param>
/// <param name="IsOfficial">Whether they were made as the official script makes them.</param>
/// <param name="Marks">What a reader must know before comparing; empty if nothing.</param>
internal sealed record ReportRow(
    string Folder,
    string Model,
    string Benchmark,
    string? Metric,
    double? Score,
    double? RunningScore,
    double? Published,
    int Questions,
    int Answered,
    int Failed,
    string Settings,
    bool IsOfficial,
    IReadOnlyList<string> Marks)
{
    // Behind these stands what binary fractions add, not the score.
    private const int Digits = 6;

    /// <summary>Whether all questions have an answer.</summary>
    public bool IsComplete => Answered == Questions;

    /// <summary>Whether the score was made as the published one was.</summary>
    public bool IsComparable => IsComplete && IsOfficial;

    /// <summary>The score less the published one; <c>null</c> if there are not both, or they do not compare.</summary>
    public double? Difference =>
        IsComparable && Score - Published is double difference ? Math.Round(difference, Digits) : null;

    /// <summary>Makes the row of a run.</summary>
    public static ReportRow Of(ReportRun reported)
    {
        (string folder, RunRecord run, ScoreRecord score) = reported;
        CatalogEntry? entry = Find(run);
        JudgedBenchmark? judging = BenchmarkCatalog.All.OfType<JudgedBenchmark>()
            .FirstOrDefault(benchmark => benchmark.Name == run.Benchmark);
        string[] otherJudges = [.. score.Judges.Where(
            judge => judging is null || !judge.StartsWith(judging.JudgeModel, StringComparison.Ordinal))];
        bool hasOtherTemplate = entry is not null && entry.PromptTemplate != run.PromptTemplate;
        List<string> marks = [];
        if (!score.IsComplete)
        {
            marks.Add(FormattableString.Invariant($"incomplete: {score.Answered} of {score.Questions} answered"));
        }
        else if (score.Value is null)
        {
            marks.Add(judging is not null
                ? "not judged: score with a judge ('eval score')"
                : "scored elsewhere: upload the file that the run wrote");
        }

        if (score.Failed > 0)
        {
            marks.Add(FormattableString.Invariant($"{score.Failed} failed in the latest run"));
        }

        if (!run.IsOfficial)
        {
            marks.Add("not the official settings");
        }

        if (hasOtherTemplate)
        {
            marks.Add($"prompt template {run.PromptTemplate}, the zoo's is {entry!.PromptTemplate}");
        }

        if (otherJudges.Length > 0)
        {
            marks.Add($"judged by {string.Join(", ", otherJudges)}, officially by {judging?.JudgeModel}");
        }

        if (run.Quantization != Quantization.None)
        {
            marks.Add($"quantized to {Name(run.Quantization)}");
        }

        return new ReportRow(
            folder,
            run.ModelName,
            score.Title,
            score.Metric,
            score.Value,
            score.RunningScore,
            entry is not null && entry.Scores.TryGetValue(score.Title, out double published) ? published : null,
            score.Questions,
            score.Answered,
            score.Failed,
            $"{run.DescribeGeneration()}; {Name(run.Precision)}",
            run.IsOfficial && !hasOtherTemplate && otherJudges.Length == 0,
            marks);
    }

    /// <summary>The zoo's row: of the name, or of the repository that a folder of this name is a copy of.</summary>
    private static CatalogEntry? Find(RunRecord run) => ModelCatalog.Find(run.Model) ??
        ModelCatalog.Entries.FirstOrDefault(entry => entry.Repository is string repository &&
            string.Equals(ModelId.Of(repository), run.ModelName, StringComparison.OrdinalIgnoreCase));

    private static string Name<T>(T format)
        where T : struct, Enum => format.ToString().ToLowerInvariant();
}
