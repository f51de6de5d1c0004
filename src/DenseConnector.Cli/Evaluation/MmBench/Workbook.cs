using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;

namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>Writes a workbook of one sheet as an xlsx file, with the texts in the cells themselves.</summary>
internal static class Workbook
{
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006";
    private const string Sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Content = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    private const int Letters = 26;

    // The same cells give the same bytes on any day.
    private static readonly DateTimeOffset Written = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly (string Name, string Text)[] Parts =
    [
        ("[Content_Types].xml",
            $"""
            <Types xmlns="{Package}/content-types">
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
            <Override PartName="/xl/workbook.xml" ContentType="{Content}.sheet.main+xml"/>
            <Override PartName="/xl/worksheets/sheet1.xml" ContentType="{Content}.worksheet+xml"/>
            </Types>
            """),
        ("_rels/.rels",
            $"""
            <Relationships xmlns="{Package}/relationships">
            <Relationship Id="rId1" Type="{Office}/officeDocument" Target="xl/workbook.xml"/>
            </Relationships>
            """),
        ("xl/workbook.xml",
            $"""
            <workbook xmlns="{Sheet}" xmlns:r="{Office}">
            <sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>
            </workbook>
            """),
        ("xl/_rels/workbook.xml.rels",
            $"""
            <Relationships xmlns="{Package}/relationships">
            <Relationship Id="rId1" Type="{Office}/worksheet" Target="worksheets/sheet1.xml"/>
            </Relationships>
            """),
    ];

    /// <summary>The bytes of the file.</summary>
    /// <param name="rows">The cells, whose texts must be such as XML can hold.</param>
    public static byte[] Write(IEnumerable<IReadOnlyList<WorkbookCell>> rows)
    {
        using MemoryStream bytes = new();
        using (ZipArchive archive = new(bytes, ZipArchiveMode.Create))
        {
            foreach ((string name, string text) in Parts)
            {
                using Stream part = Create(archive, name);
                part.Write(Encoding.UTF8.GetBytes(text));
            }

            using Stream sheet = Create(archive, "xl/worksheets/sheet1.xml");
            WriteSheet(sheet, rows);
        }

        return bytes.ToArray();
    }

    private static Stream Create(ZipArchive archive, string name)
    {
        ZipArchiveEntry entry = archive.CreateEntry(name);
        entry.LastWriteTime = Written;
        return entry.Open();
    }

    private static void WriteSheet(Stream stream, IEnumerable<IReadOnlyList<WorkbookCell>> rows)
    {
        // Without entities a carriage return would be read as a line break.
        using XmlWriter xml = XmlWriter.Create(
            stream, new XmlWriterSettings { NewLineHandling = NewLineHandling.Entitize });
        xml.WriteStartElement("worksheet", Sheet);
        xml.WriteStartElement("sheetData", Sheet);
        foreach ((int row, IReadOnlyList<WorkbookCell> cells) in rows.Index())
        {
            xml.WriteStartElement("row", Sheet);
            foreach ((int column, WorkbookCell cell) in cells.Index())
            {
                WriteCell(xml, string.Create(CultureInfo.InvariantCulture, $"{Name(column)}{row + 1}"), cell);
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteCell(XmlWriter xml, string place, WorkbookCell cell)
    {
        xml.WriteStartElement("c", Sheet);
        xml.WriteAttributeString("r", place);
        if (Type(cell.Kind) is string type)
        {
            xml.WriteAttributeString("t", type);
        }

        switch (cell.Kind)
        {
            case WorkbookCellKind.Text when cell.Text.Length == 0:
                break;
            case WorkbookCellKind.Text:
                xml.WriteStartElement("is", Sheet);
                xml.WriteStartElement("t", Sheet);
                xml.WriteAttributeString("xml", "space", null, "preserve");
                xml.WriteString(cell.Text);
                xml.WriteEndElement();
                xml.WriteEndElement();
                break;
            default:
                xml.WriteElementString(cell.Kind == WorkbookCellKind.Formula ? "f" : "v", Sheet, cell.Text);
                break;
        }

        xml.WriteEndElement();
    }

    private static string? Type(WorkbookCellKind kind) => kind switch
    {
        WorkbookCellKind.Text => "inlineStr",
        WorkbookCellKind.Number => "n",
        WorkbookCellKind.Truth => "b",
        WorkbookCellKind.Error => "e",
        _ => null,
    };

    /// <summary>The letters of a column: A to Z, AA and so on.</summary>
    private static string Name(int column) =>
        (column < Letters ? string.Empty : Name((column / Letters) - 1)) + (char)('A' + (column % Letters));
}
