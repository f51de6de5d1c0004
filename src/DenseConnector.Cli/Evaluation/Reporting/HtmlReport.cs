using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>
/// Writes the report as a page of one file: the table, plots of the parts' scores, and all questions to browse.
/// </summary>
internal static partial class HtmlReport
{
    /// <summary>Makes the page.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="table">Their table.</param>
    /// <param name="cancellation">Stops the reading of pictures.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static async Task<string> WriteAsync(
        IReadOnlyList<ReportRun> runs, ReportTable table, CancellationToken cancellation)
    {
        PageData data = await PageData.ReadAsync(runs, cancellation);
        string style = Resource("report.css");
        string script = Resource("report.js");
        Dictionary<string, string> parts = new()
        {
            ["policy"] = Policy(style, script),
            ["style"] = style,
            ["table"] = Table(table),
            ["runs"] = string.Concat(runs.Select(Details)),
            ["left-out"] = Html(data.LeftOut),
            ["data"] = data.Serialize(),
            ["script"] = script,
        };

        // In one pass: an answer that looks like a place of the page is no place.
        return Places().Replace(Resource("report.html"), place => parts[place.Groups[1].Value]);
    }

    /// <summary>What the page may do: nothing but its own style and script, and the pictures in it.</summary>
    private static string Policy(string style, string script) =>
        $"default-src 'none'; img-src data:; style-src {Hash(style)}; script-src {Hash(script)}; " +
        "base-uri 'none'; form-action 'none'";

    private static string Hash(string text) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    private static string Table(ReportTable table)
    {
        IReadOnlyList<ReportColumn> columns = ReportTable.Columns;
        StringBuilder text = new("<thead><tr>");
        foreach (ReportColumn column in columns)
        {
            text.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\"{ClassOf(column)}>{Html(column.Title)}</th>");
        }

        text.Append("</tr></thead>\n<tbody>\n");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            text.Append(row[^1] == ReportTable.None ? "<tr>" : "<tr class=\"marked\">");
            foreach ((ReportColumn column, string cell) in columns.Zip(row))
            {
                text.Append(CultureInfo.InvariantCulture, $"<td data-label=\"{Html(column.Title)}\"{ClassOf(column)}>");
                text.Append(CultureInfo.InvariantCulture, $"{Html(cell)}</td>");
            }

            text.Append("</tr>\n");
        }

        return text.Append("</tbody>").ToString();
    }

    private static string ClassOf(ReportColumn column) => column.IsNumber ? " class=\"number\"" : string.Empty;

    private static string Details(ReportRun run)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"<section class=\"run\"><h2>{Html(run.Title)}</h2>\n");
        text.Append("<div class=\"plots\">\n");
        foreach (IGrouping<string, ScoreGroup> kind in run.Score.Groups.GroupBy(group => group.Kind))
        {
            text.Append(ScoreBars.Draw(kind.Key, [.. kind]));
        }

        text.Append("</div>\n");
        if (run.Score.Report is string report)
        {
            text.Append("<details><summary>What the official script prints</summary>");
            text.Append(CultureInfo.InvariantCulture, $"<pre tabindex=\"0\">\n{Html(report)}</pre></details>\n");
        }

        return text.Append("</section>\n").ToString();
    }

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);

    private static string Resource(string name)
    {
        using Stream file = typeof(HtmlReport).Assembly.GetManifestResourceStream($"report/{name}")!;
        using StreamReader reader = new(file);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{([a-z-]+)\}\}")]
    private static partial Regex Places();
}
