using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.LlavaBench;

/// <summary>The scores of LLaVA-Bench, of a category or of all (<c>summarize_gpt_review</c>).</summary>
/// <param name="Category">The category, or <c>all</c>.</param>
/// <param name="Reference">The mean score of the reference model, rounded to three decimals.</param>
/// <param name="Model">The mean score of the model, rounded to three decimals.</param>
internal sealed record LlavaBenchSummary(string Category, double Reference, double Model)
{
    /// <summary>The category of all answers.</summary>
    public const string All = "all";

    /// <summary>
    /// The model's score in percent of the reference's; no number where the reference scores 0, which ends the official
    /// script with an error.
    /// </summary>
    public double Relative => PythonFloat.Round(Model / Reference * 100, 1);

    /// <summary>Averages the reviews: all, and those of each category in the order of its name.</summary>
    public static IReadOnlyList<LlavaBenchSummary> Of(IReadOnlyCollection<LlavaBenchReview> reviews) =>
        [.. reviews.SelectMany(review => new[] { (Category: All, review), (review.Item.Category, review) })
            .GroupBy(pair => pair.Category, pair => pair.review.Counted)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new LlavaBenchSummary(
                group.Key, Mean([.. group], scores => scores.Reference), Mean([.. group], scores => scores.Model)))];

    /// <summary>The lines that the official script prints below the name of the file.</summary>
    public static string Report(IReadOnlyCollection<LlavaBenchReview> reviews) =>
        string.Concat(Of(reviews).Select(row => $"{row.Category} {PythonNumber.Repr(row.Relative)} " +
            $"{Tenfold(row.Reference)} {Tenfold(row.Model)}\n")) + "=================================\n";

    private static string Tenfold(double score) => PythonNumber.Repr(PythonFloat.Round(score * 10, 1));

    private static double Mean(
        (double Reference, double Model)[] scores, Func<(double Reference, double Model), double> score) =>
        PythonFloat.Round(scores.Sum(score) / scores.Length, 3);
}
