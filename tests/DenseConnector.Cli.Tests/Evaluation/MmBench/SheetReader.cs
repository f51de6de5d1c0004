using System.IO.Compression;
using System.Xml.Linq;

namespace DenseConnector.Cli.Tests.Evaluation.MmBench;

/// <summary>Reads the cells of a workbook back, as openpyxl does: the type and the value of each.</summary>
internal static class SheetReader
{
    private static readonly XNamespace Sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    /// <summary>The cells of each row; a value is <c>null</c> where the cell is empty.</summary>
    public static (string Type, string? Value)[][] Read(byte[] workbook)
    {
        using ZipArchive archive = new(new MemoryStream(workbook));
        using Stream stream = archive.GetEntry("xl/worksheets/sheet1.xml")!.Open();
        return [.. XDocument.Load(stream, LoadOptions.PreserveWhitespace).Descendants(Sheet + "row")
            .Select(row => row.Elements(Sheet + "c").Select(Cell).ToArray())];
    }

    private static (string Type, string? Value) Cell(XElement cell) =>
        (cell.Element(Sheet + "f"), cell.Element(Sheet + "is"), cell.Element(Sheet + "v")) switch
        {
            (XElement formula, _, _) => ("f", "=" + formula.Value),
            (_, XElement text, _) => ("s", text.Value),
            (_, _, XElement value) => ((string)cell.Attribute("t")!, value.Value),
            _ => ((string)cell.Attribute("t")!, null),
        };
}
