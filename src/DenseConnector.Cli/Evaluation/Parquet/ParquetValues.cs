using System.Buffers.Binary;
using System.Text;

namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>Reads the values of a column's pages.</summary>
/// <param name="column">The column.</param>
internal sealed class ParquetValues(ParquetNode column)
{
    private const int BitsOfAByte = 8;

    // By the number that the format gives them.
    private static readonly string[] Encodings =
    [
        "PLAIN", "1", "PLAIN_DICTIONARY", "RLE", "BIT_PACKED", "DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY",
        "DELTA_BYTE_ARRAY", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT",
    ];

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private object[]? _dictionary;

    /// <summary>Keeps the values that later pages refer to.</summary>
    /// <exception cref="InvalidDataException">The page is damaged.</exception>
    public void TakeDictionary(ParquetPage page)
    {
        ReadOnlyMemory<byte> bytes = page.OpenDictionary();
        if (page.Count > bytes.Length)
        {
            throw new InvalidDataException($"found {page.Count} values in a dictionary of {bytes.Length} bytes");
        }

        _dictionary = Plain(bytes, page.Count);
    }

    /// <summary>The values of a page, without the missing ones.</summary>
    /// <param name="page">The page.</param>
    /// <param name="bytes">Its values.</param>
    /// <param name="count">How many there are.</param>
    /// <exception cref="InvalidDataException">The page is damaged.</exception>
    public object[] Read(ParquetPage page, ReadOnlyMemory<byte> bytes, int count)
    {
        if (count == 0)
        {
            return [];
        }

        string encoding = page.Encoding is >= 0 and long known && known < Encodings.Length
            ? Encodings[known]
            : $"{page.Encoding}";
        return encoding switch
        {
            "PLAIN" => Plain(bytes, count),
            "PLAIN_DICTIONARY" or "RLE_DICTIONARY" => Chosen(bytes, count),
            _ => throw new InvalidDataException(
                $"the column '{column.Path}' is encoded as {encoding}, expected PLAIN or RLE_DICTIONARY"),
        };
    }

    private object[] Chosen(ReadOnlyMemory<byte> bytes, int count)
    {
        ByteReader reader = new(bytes);
        int width = reader.Byte();
        object[] dictionary = _dictionary ?? throw new InvalidDataException(
            $"the column '{column.Path}' refers to a dictionary that is not there");
        return [.. RunLengths.Read(reader.Rest(), width, count).Select(index => (uint)index < dictionary.Length
            ? dictionary[index]
            : throw new InvalidDataException($"found the value {index} of a dictionary of {dictionary.Length}"))];
    }

    private object[] Plain(ReadOnlyMemory<byte> bytes, int count)
    {
        ByteReader reader = new(bytes);
        object[] values = new object[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = column.Type switch
            {
                ParquetType.Truth => (bytes.Span[Within(i / BitsOfAByte, bytes)] >> (i % BitsOfAByte) & 1) == 1,
                ParquetType.Int => (long)reader.Word(),
                ParquetType.Long => BinaryPrimitives.ReadInt64LittleEndian(reader.Take(sizeof(long)).Span),
                ParquetType.Float => (double)BinaryPrimitives.ReadSingleLittleEndian(reader.Take(sizeof(float)).Span),
                ParquetType.Double => BinaryPrimitives.ReadDoubleLittleEndian(reader.Take(sizeof(double)).Span),
                _ when column.IsText => Text(reader.Take(reader.Word()).Span),
                _ => reader.Take(reader.Word()),
            };
        }

        return values;
    }

    private static int Within(int place, ReadOnlyMemory<byte> bytes) => place < bytes.Length
        ? place
        : throw new InvalidDataException($"expected more than {bytes.Length} bytes");

    private string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException($"the column '{column.Path}' holds bytes that are no UTF-8");
        }
    }
}
