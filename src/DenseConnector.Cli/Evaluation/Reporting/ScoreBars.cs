using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>Draws the scores of a benchmark's parts as bars.</summary>
internal static class ScoreBars
{
    /// <summary>The most bars that are seen at once; more are folded away.</summary>
    public const int MaxBars = 30;

    private const int RowHeight = 40;
    private const int MaxLabel = 32;

    /// <summary>The bars of one kind of part, as HTML.</summary>
    /// <param name="kind">How the questions were divided.</param>
    /// <param name="groups">The parts.</param>
    public static string Draw(string kind, IReadOnlyList<ScoreGroup> groups)
    {
        double end = Math.Max(1, Math.Ceiling(groups.Max(group => group.Value) / 100)) * 100;
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>By {Html(kind)} <small>bars from 0 to ");
        text.Append(CultureInfo.InvariantCulture, $"{end:F0}, beside the names the questions</small></figcaption>\n");
        text.Append(Svg(groups.Take(MaxBars), end));
        if (groups.Count > MaxBars)
        {
            text.Append(CultureInfo.InvariantCulture, $"<details><summary>{groups.Count - MaxBars} more</summary>\n");
            text.Append(Svg(groups.Skip(MaxBars), end)).Append("</details>\n");
        }

        return text.Append("</figure>\n").ToString();
    }

    private static string Svg(IEnumerable<ScoreGroup> groups, double end)
    {
        ScoreGroup[] shown = [.. groups];
        string words = string.Join("; ", shown.Select(
            group => string.Create(CultureInfo.InvariantCulture, $"{group.Name} {group.Value:F1}")));
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg width=\"100%\" height=\"{shown.Length * RowHeight}\"");
        svg.Append(CultureInfo.InvariantCulture, $" role=\"img\" aria-label=\"{Html(words)}\">\n");
        foreach ((int index, ScoreGroup group) in shown.Index())
        {
            int top = index * RowHeight;
            double percent = Math.Clamp(100 * group.Value / end, 0, 100);
            svg.Append(CultureInfo.InvariantCulture, $"<g><title>{Html(group.Name)}: {group.Value:F2}</title>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{top + 15}\">{Html(Cut(group.Name))}");
            svg.Append(CultureInfo.InvariantCulture, $" <tspan class=\"soft\">{group.Count:N0}</tspan></text>");
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"value\" x=\"100%\" y=\"{top + 15}\">");
            svg.Append(CultureInfo.InvariantCulture, $"{group.Value:F1}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"track\" y=\"{top + 21}\" width=\"100%\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"bar\" y=\"{top + 21}\" width=\"{percent:F2}%\"/>");
            svg.Append("</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Cut(string label) => label.Length <= MaxLabel ? label : $"{label[..(MaxLabel - 1)]}…";

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}
