using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>A cell of a workbook.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Text">That in the form in which the file holds it.</param>
internal readonly record struct WorkbookCell(WorkbookCellKind Kind, string Text)
{
    /// <summary>The most characters of a cell; what is longer is cut off.</summary>
    private const int LongestText = 32767;

    private static readonly string[] Errors =
        ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"];

    /// <summary>The cell that openpyxl makes of a value as pandas hands it over.</summary>
    /// <remarks>A text that begins with an equals sign becomes a formula, and the name of an error an error.</remarks>
    public static WorkbookCell Of(JsonNode? value) => value?.GetValueKind() switch
    {
        null => OfText(string.Empty),
        JsonValueKind.String => OfText(value.GetValue<string>()),
        JsonValueKind.True => new WorkbookCell(WorkbookCellKind.Truth, "1"),
        JsonValueKind.False => new WorkbookCell(WorkbookCellKind.Truth, "0"),
        _ => OfNumber(double.Parse(PythonJson.Write(value), CultureInfo.InvariantCulture)),
    };

    private static WorkbookCell OfNumber(double number) => double.IsFinite(number)
        ? new WorkbookCell(WorkbookCellKind.Number, number.ToString("G16", CultureInfo.InvariantCulture))
        : OfText(number > 0 ? "inf" : "-inf");

    private static WorkbookCell OfText(string text)
    {
        string cut = text.Length <= LongestText ? text : string.Concat(text.EnumerateRunes().Take(LongestText));
        return cut switch
        {
            ['=', _, ..] => new WorkbookCell(WorkbookCellKind.Formula, cut[1..]),
            _ when Errors.Contains(cut) => new WorkbookCell(WorkbookCellKind.Error, cut),
            _ => new WorkbookCell(WorkbookCellKind.Text, cut),
        };
    }
}
