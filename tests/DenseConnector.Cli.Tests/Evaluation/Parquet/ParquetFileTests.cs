using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Parquet;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.Parquet;

[Trait("Suite", "Evaluation")]
public sealed class ParquetFileTests : IDisposable
{
    private const int TailLength = 8;

    private static readonly byte[] Good = File.ReadAllBytes(ParquetData.MathVista);

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("plain")]
    [InlineData("gzip")]
    [InlineData("duckdb")]
    [InlineData("pages-of-the-second-form")]
    public void Rows_EveryForm_AreTheRowsThatWereWritten(string form) =>
        Assert.Equal(Expected(), Fields(ParquetData.Form(form)));

    [Fact]
    public void Rows_GroupsListsAndDictionariesThatGiveWay_AreTheRowsThatWereWritten() =>
        Assert.Equal(Expected(), Fields(ParquetData.MathVista));

    [Fact]
    public void Rows_PlaceInMessages_IsTheFileAndTheRow()
    {
        string[] places = [.. ParquetFile.Open(ParquetData.MathVista).Rows().Select(row => row.Fields.Where)];
        Assert.Equal(Expected().Select((_, i) => $"{ParquetData.MathVista}: row {i + 1}"), places);
    }

    [Fact]
    public void ReadBytes_EveryRow_IsItsPicture()
    {
        ParquetFile file = ParquetFile.Open(ParquetData.MathVista);
        string[] lines = File.ReadAllLines(ParquetData.Lines("mathvista"));
        Assert.All(lines.Index(), line => Assert.Equal(
            File.ReadAllBytes(Path.Combine(ParquetData.Pictures, JsonElement.Parse(line.Item).Text("image"))),
            file.ReadBytes("decoded_image.bytes", line.Index)));
    }

    [Theory]
    [InlineData("decoded_image.bytes", "row 1 has nothing in 'decoded_image.bytes'")]
    [InlineData("picture", "there is no column 'picture'")]
    [InlineData("metadata.skills.list.element", "there is no column 'metadata.skills.list.element'")]
    public void ReadBytes_NothingThere_SaysSo(string column, string expected)
    {
        ParquetFile file = ParquetFile.Open(ParquetData.Form("plain"));
        Assert.Contains(
            expected, Assert.Throws<IOException>(() => file.ReadBytes(column, 0)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zstd", "it is compressed by ZSTD, expected SNAPPY, GZIP or none")]
    [InlineData("delta", "is encoded as DELTA_BYTE_ARRAY, expected PLAIN or RLE_DICTIONARY")]
    public void Rows_OtherForm_SaysWhatIsExpected(string form, string expected)
    {
        IOException error = Assert.Throws<IOException>(() => Fields(ParquetData.Form(form)));
        Assert.StartsWith($"'{ParquetData.Form(form)}' cannot be read", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "does not begin with PAR1")]
    [InlineData(10, "does not begin with PAR1")]
    [InlineData(1000, "does not end with PAR1")]
    public void Open_CutFile_SaysSo(int length, string expected) =>
        Assert.Contains(expected, Complaint(Good[..length]), StringComparison.Ordinal);

    [Fact]
    public void Open_OtherFile_SaysSo() =>
        Assert.Contains("does not begin with PAR1", Complaint(new byte[100]), StringComparison.Ordinal);

    [Fact]
    public void Open_DescriptionLongerThanTheFile_SaysSo()
    {
        byte[] bytes = [.. Good];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(bytes.Length - TailLength), int.MaxValue);
        Assert.Contains($"{int.MaxValue} of its {Good.Length} bytes", Complaint(bytes), StringComparison.Ordinal);
    }

    // A number without end; a list of more items than a computer has bytes; a structure in a structure in a structure.
    [Theory]
    [InlineData("1580", "expected 1 bytes where 0 are left")]
    [InlineData("15808080808080808080808080", "a number that has no end")]
    [InlineData("150219FCFFFFFF07", "expected 1 bytes where 0 are left")]
    [InlineData("150219FCFFFFFFFF0F", "found 4294967295 as a count")]
    [InlineData("1C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1C", "more than 16 structures inside each other")]
    [InlineData("1E00", "a field of the unknown kind 14")]
    [InlineData("00", "'schema' is missing")]
    public void Open_MadeUpDescription_SaysWhatIsWrong(string footer, string expected) =>
        Assert.Contains(expected, Complaint(WithFooter(Convert.FromHexString(footer))), StringComparison.Ordinal);

    [Theory]
    [InlineData("mathvista/data/testmini-00000-of-00001-725687bf7a18d64b")]
    [InlineData("forms/duckdb")]
    [InlineData("forms/gzip")]
    [InlineData("forms/pages-of-the-second-form")]
    public void Rows_BytesChangedOrLost_AreRowsOrAComplaint(string name)
    {
        // Memory is measured since a damaged length could ask for gigabytes; the rows themselves take some.
        const long MostMemory = 100;
        byte[] good = File.ReadAllBytes(Path.Combine(ParquetData.Folder, $"{name}.parquet"));
        Random random = new(20_261_127);
        for (int trial = 0; trial < 400; trial++)
        {
            byte[] bytes = [.. good];
            if (trial % 3 == 0)
            {
                int removed = random.Next(1, 2000);
                int start = random.Next(bytes.Length - removed);
                bytes = [.. bytes[..start], .. bytes[(start + removed)..]];
            }
            else
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                bytes[bytes.Length - 1 - random.Next(4000)] ^= (byte)(1 << random.Next(8));
            }

            string path = _folder.Write("damaged.parquet", bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                foreach (ParquetRow row in ParquetFile.Open(path).Rows())
                {
                    _ = row.Picture("decoded_image") is PictureBytes picture ? picture.Read() : default;
                }
            }
            catch (IOException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostMemory * good.Length);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Fields(string file) =>
        [.. ParquetFile.Open(file).Rows().Select(row => row.Fields.Value.GetRawText())];

    /// <summary>The rows as they were written: the picture's name is that of the dataset.</summary>
    private static IEnumerable<string> Expected() => File.ReadLines(ParquetData.Lines("mathvista")).Select(line =>
    {
        JsonObject row = JsonNode.Parse(line)!.AsObject();
        JsonObject expected = [];
        foreach ((string name, JsonNode? value) in row)
        {
            expected[name] = name == "image" ? $"images/{value}" : value?.DeepClone();
            if (name == "image")
            {
                expected["decoded_image"] = new JsonObject { ["path"] = $"{row["pid"]}.jpg" };
            }
        }

        return expected.ToJsonString();
    });

    private string Complaint(byte[] bytes) => Assert.Throws<IOException>(
        () => ParquetFile.Open(_folder.Write("damaged.parquet", bytes)).Rows().Count()).Message;

    private static byte[] WithFooter(byte[] footer)
    {
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        return [.. "PAR1"u8, .. footer, .. length, .. "PAR1"u8];
    }
}
