using System.Buffers;
using System.Globalization;
using System.Text;

namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>Writes the report's rows as RFC 4180 has it, with numbers as they are.</summary>
internal static class CsvReport
{
    private const string Head =
        "model,benchmark,metric,score,running_score,published,difference,questions,answered,failed,settings," +
        "official,complete,marks,folder\r\n";

    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\"\r\n");
    private static readonly SearchValues<char> BeginFormulas = SearchValues.Create("=+-@\t\r\n");

    /// <summary>The lines of the file.</summary>
    public static string Write(IEnumerable<ReportRow> rows)
    {
        StringBuilder text = new(Head);
        foreach (ReportRow row in rows)
        {
            string[] fields =
            [
                Text(row.Model),
                Text(row.Benchmark),
                Text(row.Metric ?? string.Empty),
                Number(row.Score),
                Number(row.RunningScore),
                Number(row.Published),
                Number(row.Difference),
                Number(row.Questions),
                Number(row.Answered),
                Number(row.Failed),
                Text(row.Settings),
                row.IsOfficial ? "yes" : "no",
                row.IsComplete ? "yes" : "no",
                Text(string.Join("; ", row.Marks)),
                Text(row.Folder),
            ];
            text.AppendJoin(',', fields).Append("\r\n");
        }

        return text.ToString();
    }

    private static string Number(double? number) => number?.ToString(CultureInfo.InvariantCulture) ?? string.Empty;

    // Spreadsheets run a text that begins like a formula; behind an apostrophe they show it.
    private static string Text(string text)
    {
        string shown = text.Length > 0 && BeginFormulas.Contains(text[0]) ? $"'{text}" : text;
        return shown.AsSpan().ContainsAny(NeedQuotes)
            ? $"\"{shown.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : shown;
    }
}
