using DenseConnector.Cli.Evaluation.Parquet;
using DenseConnector.Tests.Loading;
using static DenseConnector.Cli.Tests.Evaluation.Parquet.ParquetBytes;

namespace DenseConnector.Cli.Tests.Evaluation.Parquet;

/// <summary>What the files that programs wrote do not show, in files written by hand.</summary>
[Trait("Suite", "Evaluation")]
public sealed class ParquetFormTests : IDisposable
{
    private const int Truth = 0;
    private const int Int = 1;
    private const int Float = 4;
    private const int Bytes = 6;
    private const int ByDictionary = 8;

    private readonly TemporaryFolder _folder = new();

    private static ThriftBytes[] ListOfLists =>
    [
        Group("x", Optional, 1).Add(6, 3),
        Group("list", Repeated, 1),
        Group("element", Optional, 1).Add(6, 3),
        Group("list", Repeated, 1),
        Column("element", Int, Required),
    ];

    [Fact]
    public void Rows_TruthsOfTwoBytes_AreReadFromTheLowestBitOn() => Assert.Equal(
        "tfttfffftf".Select(truth => $$"""{"x":{{(truth == 't' ? "true" : "false")}}}"""),
        Rows(File(10, [Column("x", Truth, Required)], 1, [(10, Page(10, [0b0000_1101, 0b01]))])));

    [Fact]
    public void Rows_NumbersOfFourBytes_AreRead() => Assert.Equal(
        ["""{"whole":-2,"part":0.5}"""],
        Rows(File(
            1,
            [Column("whole", Int, Required), Column("part", Float, Required)],
            2,
            [(1, Page(1, Word(-2))), (1, Page(1, Word(BitConverter.SingleToInt32Bits(0.5f))))])));

    [Fact]
    public void Rows_IndicesWiderThanTheDictionaryNeeds_AreRead() => Assert.Equal(
        ["""{"x":6}""", """{"x":7}"""],
        Rows(File(
            2,
            [Column("x", Int, Required)],
            1,
            [
                (2, [
                    .. Dictionary(2, [.. Word(6), .. Word(7)]),
                    .. Page(2, [5, 3, 0b10_0000, 0, 0, 0, 0], ByDictionary),
                ]),
            ])));

    [Fact]
    public void Rows_DictionaryThatIsSaidToLieAtZero_IsNone() => Assert.Equal(
        ["""{"x":7}"""],
        Rows(File(1, [Column("x", Int, Required)], 1, [(1, Page(1, Word(7)))], dictionary: 0)));

    // Rows: [[1, 2], [3]], [[], [4]] and null.
    [Fact]
    public void Rows_ListsOfLists_KeepTheirBrackets() => Assert.Equal(
        ["""{"x":[[1,2],[3]]}""", """{"x":[[],[4]]}""", """{"x":null}"""],
        Rows(File(
            3,
            ListOfLists,
            1,
            [(6, Page(6, [
                .. Levels(0, 2, 1, 0, 1, 0), .. Levels(4, 4, 4, 3, 4, 0),
                .. Word(1), .. Word(2), .. Word(3), .. Word(4)]))])));

    [Fact]
    public void Rows_StructsOfTwoColumnsInAList_AreSkippedInBoth() => Assert.Equal(
        ["""{"x":null}""", """{"x":[{"a":1,"b":2}]}"""],
        Rows(File(
            2,
            [
                Group("x", Optional, 1).Add(6, 3),
                Group("list", Repeated, 1),
                Group("element", Required, 2),
                Column("a", Int, Required),
                Column("b", Int, Required),
            ],
            1,
            [
                (2, Page(2, [.. Levels(0, 0), .. Levels(0, 2), .. Word(1)])),
                (2, Page(2, [.. Levels(0, 0), .. Levels(0, 2), .. Word(2)])),
            ])));

    // What older writers say in one number, newer ones say in a structure; some say it in both ways.
    [Fact]
    public void Rows_MeaningSaidInTheNewerWayOnly_IsUnderstood() => Assert.Equal(
        ["""{"x":["A"]}"""],
        Rows(File(
            1,
            [
                Group("x", Optional, 1).Add(10, new ThriftBytes().Add(3, new ThriftBytes())),
                Group("list", Repeated, 1),
                Column("element", Bytes, Required).Add(10, new ThriftBytes().Add(1, new ThriftBytes())),
            ],
            1,
            [(1, Page(1, [.. Levels(0), .. Levels(2), .. Word(1), (byte)'A']))])));

    [Fact]
    public void Rows_MoreThanTheBytesCanHold_AreNotBelieved()
    {
        const int Many = 1_000_000;
        ThriftBytes[] column = [Column("x", Int, Required)];
        byte[] page = Page(1, Word(7));
        Complains("columns of 1000000 rows", File(Many, column, 1, [(1, page)]));
        Complains("found 1000000 values in ", File(1, column, 1, [(Many, page)]));
        Complains("beyond the file's end", File(1, column, 1, [(1, page)], beyond: Many));
        Complains("holds more than the 1 values", File(1, column, 1, [(1, Page(Many, [0], ByDictionary))]));
        Complains("a column holds more than the 1 rows", File(
            1, column, 1, [(2, Page(2, [.. Word(7), .. Word(8)]))]));
        Complains("values in a dictionary of 4 bytes", File(
            1, column, 1, [(1, [.. Dictionary(Many, Word(7)), .. Page(1, [0], ByDictionary)])]));
        Complains("the value 1 of a dictionary of 1", File(
            1, column, 1, [(1, [.. Dictionary(1, Word(7)), .. Page(1, [1, 2, 1], ByDictionary)])]));
    }

    [Theory]
    [InlineData(1, "found a compressed page of another size than 1000000 bytes")]
    [InlineData(2, "found 4 bytes that are said to expand to 1000000")]
    public void Rows_PageThatExpandsBeyondItsFormat_IsNotExpanded(int codec, string expected) => Complains(
        expected,
        File(1, [Column("x", Int, Required)], 1, [(1, Packed(1, [0xC0, 0x84, 0x3D, 0], 1_000_000))], codec));

    [Fact]
    public void Rows_LevelThatTheSchemaDoesNotHave_IsRefused() => Complains("found a level beyond 2", File(
        1,
        [Group("x", Optional, 1).Add(6, 3), Group("list", Repeated, 1), Column("element", Int, Required)],
        1,
        [(1, Page(1, [.. Levels(0), .. Levels(3), .. Word(1)]))]));

    // An empty inner list that is said to go on.
    [Fact]
    public void Rows_ListThatGoesOnWithoutHavingBegun_IsRefused() => Complains(
        "a column holds more than the 1 rows",
        File(1, ListOfLists, 1, [(2, Page(2, [.. Levels(0, 2), .. Levels(3, 4), .. Word(1)]))]));

    public void Dispose() => _folder.Dispose();

    private IEnumerable<string> Rows(byte[] file) => ParquetFile.Open(_folder.Write("made.parquet", file)).Rows()
        .Select(row => row.Fields.Value.GetRawText());

    private void Complains(string expected, byte[] file) => Assert.Contains(
        expected, Assert.Throws<IOException>(() => Rows(file).Count()).Message, StringComparison.Ordinal);
}
