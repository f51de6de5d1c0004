using System.Text;

namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>Writes the report's table for a terminal.</summary>
internal static class TextReport
{
    private const string Gap = "  ";

    /// <summary>The lines of the table, columns in line.</summary>
    public static string Write(ReportTable table)
    {
        IReadOnlyList<ReportColumn> columns = ReportTable.Columns;
        List<string[]> lines =
        [
            [.. columns.Select(column => column.Title)],
            .. table.Rows.Select(row => row.Select(Clean).ToArray()),
        ];
        int[] widths = [.. columns.Index().Select(column => lines.Max(line => line[column.Index].Length))];
        StringBuilder text = new();
        foreach (string[] line in lines)
        {
            IEnumerable<string> cells = line.Select((cell, i) =>
                columns[i].IsNumber ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            text.Append(string.Join(Gap, cells).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    // A name out of a file must neither break a line nor steer the terminal.
    private static string Clean(string cell) =>
        string.Concat(cell.Select(letter => char.IsControl(letter) ? ' ' : letter));
}
