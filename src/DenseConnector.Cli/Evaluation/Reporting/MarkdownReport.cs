using System.Text;

namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>Writes the report's table as one of GitHub's Markdown.</summary>
internal static class MarkdownReport
{
    private const string Special = @"\`*_[]<>|~&#$";

    /// <summary>The lines of the table.</summary>
    public static string Write(ReportTable table)
    {
        StringBuilder text = new();
        AppendLine(ReportTable.Columns.Select(column => column.Title));
        AppendLine(ReportTable.Columns.Select(column => column.IsNumber ? "---:" : "---"));
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            AppendLine(row.Select(Escape));
        }

        return text.ToString();

        void AppendLine(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    private static string Escape(string cell) => string.Concat(cell.Select(letter =>
        char.IsControl(letter) ? " "
        : Special.Contains(letter, StringComparison.Ordinal) ? $"\\{letter}"
        : $"{letter}"));
}
