namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>Reads small numbers that lie as runs of one number and as groups of eight with a few bits each.</summary>
internal static class RunLengths
{
    private const int BitsOfAByte = 8;
    private const int GroupSize = 8;
    private const int WidestNumber = 32;

    /// <summary>Reads the numbers.</summary>
    /// <param name="packed">The runs and groups.</param>
    /// <param name="width">The bits of each number.</param>
    /// <param name="count">How many numbers there are.</param>
    /// <exception cref="InvalidDataException">There are fewer, or they are no such numbers.</exception>
    public static int[] Read(ReadOnlyMemory<byte> packed, int width, int count)
    {
        if (width > WidestNumber)
        {
            throw new InvalidDataException($"found numbers of {width} bits, expected at most {WidestNumber}");
        }

        int[] numbers = new int[count];
        ByteReader bytes = new(packed);
        int end = 0;
        while (end < count && width > 0)
        {
            ulong head = bytes.Number();
            ulong length = head >> 1;
            Span<int> to = numbers.AsSpan(end);
            end += (head & 1) == 0 ? Run(bytes, width, length, to) : Groups(bytes, width, length, to);
        }

        return numbers;
    }

    /// <summary>The bits that the numbers up to the greatest one need.</summary>
    public static int Width(int greatest) => WidestNumber - int.LeadingZeroCount(greatest);

    private static int Run(ByteReader bytes, int width, ulong length, Span<int> to)
    {
        if (length == 0)
        {
            throw new InvalidDataException("found a run of no numbers");
        }

        ReadOnlySpan<byte> value = bytes.Take((width + BitsOfAByte - 1) / BitsOfAByte).Span;
        int count = (int)Math.Min(length, (ulong)to.Length);
        to[..count].Fill(Bits(value, 0, width));
        return count;
    }

    private static int Groups(ByteReader bytes, int width, ulong groups, Span<int> to)
    {
        if (groups == 0 || groups > (ulong)bytes.Left)
        {
            throw new InvalidDataException($"found {groups} groups in {bytes.Left} bytes");
        }

        // Eight numbers of so many bits take as many bytes.
        ReadOnlySpan<byte> packed = bytes.Take((long)groups * width).Span;
        int count = (int)Math.Min((long)groups * GroupSize, to.Length);
        for (int i = 0; i < count; i++)
        {
            to[i] = Bits(packed, (long)i * width, width);
        }

        return count;
    }

    private static int Bits(ReadOnlySpan<byte> bytes, long first, int width)
    {
        uint number = 0;
        for (int i = 0; i < width; i++)
        {
            long bit = first + i;
            int isSet = (bytes[(int)(bit / BitsOfAByte)] >> (int)(bit % BitsOfAByte)) & 1;
            number |= (uint)isSet << i;
        }

        return (int)number;
    }
}
