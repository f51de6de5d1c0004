namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>The report's table as people read it: its columns and the words of its cells.</summary>
/// <param name="Rows">The cells of each run, one for each of <see cref="Columns"/>.</param>
internal sealed record ReportTable(IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>What stands in a cell for which there is nothing.</summary>
    public const string None = "–";

    /// <summary>The columns.</summary>
    public static IReadOnlyList<ReportColumn> Columns { get; } =
    [
        new("Model", false),
        new("Benchmark", false),
        new("Metric", false),
        new("This run", true),
        new("Zoo", true),
        new("Difference", true),
        new("Answered", true),
        new("Failed", true),
        new("Settings", false),
        new("Official", false),
        new("Marks", false),
    ];

    /// <summary>Makes the table of some runs.</summary>
    public static ReportTable Of(IEnumerable<ReportRow> rows) => new([.. rows.Select(Cells)]);

    private static string[] Cells(ReportRow row) =>
    [
        row.Model,
        row.Benchmark,
        row.Metric ?? None,
        ScoreOf(row),
        row.Published is double published ? FormattableString.Invariant($"{published:F1}") : None,
        DifferenceOf(row),
        FormattableString.Invariant($"{row.Answered}/{row.Questions}"),
        FormattableString.Invariant($"{row.Failed}"),
        row.Settings,
        row.IsOfficial ? "yes" : "NO",
        row.Marks.Count == 0 ? None : string.Join("; ", row.Marks),
    ];

    private static string ScoreOf(ReportRow row) =>
        row.Score is double score ? FormattableString.Invariant($"{score:F2}")
        : row.RunningScore is double mean
            ? FormattableString.Invariant($"({mean:F2} {(row.IsComplete ? "unofficial" : "so far")})")
        : None;

    private static string DifferenceOf(ReportRow row) =>
        row.Difference is double difference ? FormattableString.Invariant($"{difference:+0.00;-0.00;0.00}")
        : row.Published is not null && !row.IsComparable ? "not comparable"
        : None;
}

/// <summary>A column of the report's table.</summary>
/// <param name="Title">Its head.</param>
/// <param name="IsNumber">Whether its cells are numbers, which stand to the right.</param>
internal sealed record ReportColumn(string Title, bool IsNumber);
