using System.Buffers.Binary;

namespace DenseConnector.Cli.Tests.Evaluation.Parquet;

/// <summary>Writes Parquet files by hand, right and wrong ones that no program writes.</summary>
internal static class ParquetBytes
{
    public const int Required = 0;
    public const int Optional = 1;
    public const int Repeated = 2;

    private const int Plain = 0;

    /// <summary>A column of the schema.</summary>
    public static ThriftBytes Column(string name, int type, int repetition) =>
        new ThriftBytes().Add(1, type).Add(3, repetition).Add(4, name);

    /// <summary>A group of the schema.</summary>
    public static ThriftBytes Group(string name, int repetition, int children) =>
        new ThriftBytes().Add(3, repetition).Add(4, name).Add(5, children);

    /// <summary>A page of values: the levels of its entries, if it has some, and the values.</summary>
    public static byte[] Page(int count, byte[] content, int encoding = Plain) =>
        Page(0, content, content.Length, 5, new ThriftBytes().Add(1, count).Add(2, encoding));

    /// <summary>A page of values that are said to expand to so many bytes.</summary>
    public static byte[] Packed(int count, byte[] content, int size) =>
        Page(0, content, size, 5, new ThriftBytes().Add(1, count).Add(2, Plain));

    /// <summary>A page of what others refer to.</summary>
    public static byte[] Dictionary(int count, byte[] content) =>
        Page(2, content, content.Length, 7, new ThriftBytes().Add(1, count).Add(2, Plain));

    /// <summary>The levels of entries, each as a run of one.</summary>
    public static byte[] Levels(params IEnumerable<byte> levels)
    {
        byte[] runs = [.. levels.SelectMany(level => new byte[] { 2, level })];
        return [.. Word(runs.Length), .. runs];
    }

    public static byte[] Word(int number)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }

    /// <summary>A file of one group of rows.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="schema">The nodes below the top, each group before what is in it.</param>
    /// <param name="children">How many of them stand directly below the top.</param>
    /// <param name="chunks">For each column its number of entries and its pages.</param>
    /// <param name="codec">How pages are compressed.</param>
    /// <param name="dictionary">Where the dictionaries are said to lie.</param>
    /// <param name="beyond">By how much chunks are said to lie further behind.</param>
    public static byte[] File(
        long rows,
        IEnumerable<ThriftBytes> schema,
        int children,
        IEnumerable<(int Count, byte[] Pages)> chunks,
        int codec = 0,
        long? dictionary = null,
        long beyond = 0)
    {
        List<byte> bytes = [.. "PAR1"u8];
        List<ThriftBytes> columns = [];
        foreach ((int count, byte[] pages) in chunks)
        {
            ThriftBytes data = new ThriftBytes().Add(4, codec).Add(5, count).Add(7, pages.Length)
                .Add(9, bytes.Count + beyond);
            columns.Add(new ThriftBytes().Add(3, dictionary is long place ? data.Add(11, place) : data));
            bytes.AddRange(pages);
        }

        byte[] footer = new ThriftBytes()
            .Add(2, [new ThriftBytes().Add(4, "schema").Add(5, children), .. schema])
            .Add(4, [new ThriftBytes().Add(1, columns).Add(3, rows)])
            .ToArray();
        return [.. bytes, .. footer, .. Word(footer.Length), .. "PAR1"u8];
    }

    private static byte[] Page(int form, byte[] content, int size, int field, ThriftBytes header)
    {
        ThriftBytes whole = new ThriftBytes().Add(1, form).Add(2, size).Add(3, content.Length).Add(field, header);
        return [.. whole.ToArray(), .. content];
    }
}
