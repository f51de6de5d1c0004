using System.IO.Compression;

namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>A page of a column: some of its values, compressed.</summary>
internal sealed class ParquetPage
{
    private const long MostGainOfGzip = 1032;
    private const int FirstForm = 0;
    private const int DictionaryForm = 2;
    private const int SecondForm = 3;

    // By the number that the format gives them.
    private static readonly string[] Codecs =
        ["none", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"];

    private readonly long _codec;
    private readonly int _size;
    private readonly ThriftStruct _header;
    private readonly ReadOnlyMemory<byte> _packed;

    private ParquetPage(ByteReader bytes, long codec)
    {
        ThriftStruct header = ThriftStruct.Read(bytes);
        Form = header.Number(1, "type");
        _codec = codec;
        _size = header.Size(2, "uncompressed_page_size");
        _packed = bytes.Take(header.Number(3, "compressed_page_size"));
        _header = Form switch
        {
            FirstForm => header.Struct(5, "data_page_header"),
            DictionaryForm => header.Struct(7, "dictionary_page_header"),
            SecondForm => header.Struct(8, "data_page_header_v2"),
            _ => throw new InvalidDataException($"found a page of the unknown kind {Form}"),
        };
        Count = _header.Size(1, "num_values");
    }

    /// <summary>The number of its values, missing ones among them.</summary>
    public int Count { get; }

    /// <summary>Whether it holds what other pages refer to.</summary>
    public bool IsDictionary => Form == DictionaryForm;

    /// <summary>The way in which its values are written.</summary>
    public long Encoding => _header.Number(Form == SecondForm ? 4 : 2, "encoding");

    private long Form { get; }

    /// <summary>Reads the pages of a chunk.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public static IEnumerable<ParquetPage> Read(ReadOnlyMemory<byte> chunk, long codec)
    {
        ByteReader bytes = new(chunk);
        while (bytes.Left > 0)
        {
            yield return new ParquetPage(bytes, codec);
        }
    }

    /// <summary>The levels of a column's entries, and the values of those that are there.</summary>
    /// <exception cref="InvalidDataException">The page is damaged.</exception>
    public (int[] Repetitions, int[] Definitions, ReadOnlyMemory<byte> Values) Open(ParquetNode column)
    {
        if (Form == SecondForm)
        {
            // Levels are not compressed here.
            ByteReader bytes = new(_packed);
            ReadOnlyMemory<byte> first = bytes.Take(_header.Size(6, "repetition_levels_byte_length"));
            ReadOnlyMemory<byte> second = bytes.Take(_header.Size(5, "definition_levels_byte_length"));
            int size = _size - first.Length - second.Length;
            return (
                Levels(first, column.Repetition),
                Levels(second, column.Definition),
                _header.IsFalse(7) ? bytes.Rest() : Expand(bytes.Rest(), size));
        }

        ByteReader expanded = new(Expand(_packed, _size));
        int[] repetitions = Levels(expanded, column.Repetition);
        return (repetitions, Levels(expanded, column.Definition), expanded.Rest());
    }

    /// <summary>The values of a dictionary.</summary>
    /// <exception cref="InvalidDataException">The page is damaged.</exception>
    public ReadOnlyMemory<byte> OpenDictionary() => Expand(_packed, _size);

    private int[] Levels(ByteReader bytes, int greatest) =>
        greatest == 0 ? new int[Count] : Levels(bytes.Take(bytes.Word()), greatest);

    private int[] Levels(ReadOnlyMemory<byte> packed, int greatest)
    {
        int[] levels = RunLengths.Read(packed, RunLengths.Width(greatest), Count);
        return Array.TrueForAll(levels, level => level <= greatest)
            ? levels
            : throw new InvalidDataException($"found a level beyond {greatest}");
    }

    private ReadOnlyMemory<byte> Expand(ReadOnlyMemory<byte> packed, int size)
    {
        switch (_codec)
        {
            case 0 when size == packed.Length:
                return packed;
            case 0:
                throw new InvalidDataException($"found {packed.Length} bytes in a page of {size}");
            case 1 when size >= 0:
                return SnappyBlock.Expand(packed, size);
            case 2 when size >= 0 && size <= MostGainOfGzip * packed.Length:
                return Unzip(packed, size);
            case 1 or 2:
                throw new InvalidDataException($"found {packed.Length} bytes that are said to expand to {size}");
            default:
                string name = _codec >= 0 && _codec < Codecs.Length ? Codecs[_codec] : $"{_codec}";
                throw new InvalidDataException(
                    $"it is compressed by {name}, expected SNAPPY, GZIP or none, as the hub has it");
        }
    }

    private static byte[] Unzip(ReadOnlyMemory<byte> packed, int size)
    {
        using MemoryStream from = new(packed.ToArray());
        using GZipStream unzipped = new(from, CompressionMode.Decompress);
        byte[] expanded = new byte[size];
        int length = unzipped.ReadAtLeast(expanded, size, throwOnEndOfStream: false);
        return length == size && unzipped.ReadByte() < 0
            ? expanded
            : throw new InvalidDataException($"found another number of bytes than {size} in a page");
    }
}
