using System.Buffers.Binary;

namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>Reads bytes from front to back and never beyond their end.</summary>
internal sealed class ByteReader(ReadOnlyMemory<byte> bytes)
{
    private const int BitsOfAGroup = 7;
    private const byte MoreFollows = 0x80;
    private const int LongestNumber = 64;

    private int _place;

    /// <summary>How many bytes are left.</summary>
    public int Left => bytes.Length - _place;

    /// <summary>The next byte.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public byte Byte() => Take(1).Span[0];

    /// <summary>The next bytes.</summary>
    /// <exception cref="InvalidDataException">There are not so many.</exception>
    public ReadOnlyMemory<byte> Take(long count)
    {
        if (count < 0 || count > Left)
        {
            throw new InvalidDataException($"expected {count} bytes where {Left} are left");
        }

        ReadOnlyMemory<byte> taken = bytes.Slice(_place, (int)count);
        _place += (int)count;
        return taken;
    }

    /// <summary>All that is left.</summary>
    public ReadOnlyMemory<byte> Rest() => Take(Left);

    /// <summary>A number of four bytes, the lowest first.</summary>
    /// <exception cref="InvalidDataException">There are not so many.</exception>
    public int Word() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)).Span);

    /// <summary>A number of as many bytes as it takes, the lowest first, seven bits in each.</summary>
    /// <exception cref="InvalidDataException">It has no end.</exception>
    public ulong Number()
    {
        ulong number = 0;
        for (int shift = 0; shift < LongestNumber; shift += BitsOfAGroup)
        {
            byte next = Byte();
            number |= (ulong)(next & ~MoreFollows) << shift;
            if (next < MoreFollows)
            {
                return number;
            }
        }

        throw new InvalidDataException("found a number that has no end");
    }
}
