namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>Expands what Snappy compressed: stretches of bytes, and copies of what stands earlier.</summary>
internal static class SnappyBlock
{
    // A copy of three bytes stands for no more than this many.
    private const long MostGain = 64;

    /// <summary>Expands a block.</summary>
    /// <param name="packed">The block.</param>
    /// <param name="size">How many bytes it must give.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static byte[] Expand(ReadOnlyMemory<byte> packed, int size)
    {
        ByteReader bytes = new(packed);
        if (bytes.Number() != (ulong)size || size > MostGain * packed.Length)
        {
            throw new InvalidDataException($"found a compressed page of another size than {size} bytes");
        }

        byte[] expanded = new byte[size];
        int end = 0;
        while (bytes.Left > 0)
        {
            byte tag = bytes.Byte();
            end += (tag & 3) == 0
                ? Stretch(bytes, tag >> 2, expanded.AsSpan(end))
                : Copy(bytes, tag, expanded, end);
        }

        return end == size ? expanded : throw new InvalidDataException($"found {end} of {size} bytes in a page");
    }

    private static int Stretch(ByteReader bytes, int code, Span<byte> to)
    {
        // Lengths beyond sixty follow in one to four bytes.
        const int Direct = 60;
        long length = code < Direct ? code : Little(bytes, code - Direct + 1);
        length = Fitting(length + 1, to.Length);
        bytes.Take(length).Span.CopyTo(to);
        return (int)length;
    }

    private static int Copy(ByteReader bytes, byte tag, byte[] expanded, int end)
    {
        (int length, long distance) = (tag & 3) switch
        {
            1 => (((tag >> 2) & 7) + 4, ((long)(tag >> 5) << 8) | bytes.Byte()),
            2 => ((tag >> 2) + 1, Little(bytes, 2)),
            _ => ((tag >> 2) + 1, Little(bytes, 4)),
        };
        if (distance == 0 || distance > end)
        {
            throw new InvalidDataException($"found a copy from {distance} bytes before the byte {end} of a page");
        }

        // Byte by byte, since a copy may go on into what it has just written.
        length = Fitting(length, expanded.Length - end);
        for (int i = end; i < end + length; i++)
        {
            expanded[i] = expanded[i - distance];
        }

        return length;
    }

    private static long Little(ByteReader bytes, int count)
    {
        long number = 0;
        for (int i = 0; i < count; i++)
        {
            number |= (long)bytes.Byte() << (8 * i);
        }

        return number;
    }

    private static int Fitting(long length, int room) => length <= room
        ? (int)length
        : throw new InvalidDataException($"found {length} bytes in a page that has room for {room} more");
}
