using System.Buffers.Binary;
using DenseConnector.Imaging;

namespace DenseConnector.Cli.Evaluation;

/// <summary>
/// Shows a PNG picture in the colours it has once the official script has padded it without converting it first.
/// </summary>
/// <remarks>
/// The padded picture gets a new palette (<c>Image.new("P", …)</c>), into which only the numbers of the old one's
/// colours are copied: number 0 is now the background, and every other number the grey of its own value.
/// </remarks>
internal static class LostPalette
{
    private const int FirstChunk = 8;
    private const int ChunkHead = 8;
    private const int ChunkTail = 4;
    private const byte Indexed = 3;

    /// <summary>The picture with that palette; a picture without a palette, or in another format, as it is.</summary>
    /// <param name="file">A picture file that can be decoded.</param>
    /// <param name="background">The colour of the padding.</param>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> file, (byte Red, byte Green, byte Blue) background)
    {
        ReadOnlySpan<byte> png = file.Span;
        if (!png.StartsWith(SixteenBitPng.Signature))
        {
            return file;
        }

        for (int chunk = FirstChunk; chunk + ChunkHead <= png.Length;)
        {
            ReadOnlySpan<byte> type = png.Slice(chunk + 4, 4);
            int length = BinaryPrimitives.ReadInt32BigEndian(png[chunk..]);
            bool isWhole = length >= 0 && length <= png.Length - chunk - ChunkHead - ChunkTail;
            if (!isWhole || (type.SequenceEqual("IHDR"u8) && png[chunk + ChunkHead + 9] != Indexed))
            {
                return file;
            }

            if (type.SequenceEqual("PLTE"u8))
            {
                byte[] palette = Palette(colors: 1 << png[FirstChunk + ChunkHead + 8], background);
                byte[] whole = [.. png[..chunk], .. palette, .. png[(chunk + ChunkHead + length + ChunkTail)..]];
                return whole;
            }

            chunk += ChunkHead + length + ChunkTail;
        }

        return file;
    }

    /// <summary>The chunk of a palette.</summary>
    private static byte[] Palette(int colors, (byte Red, byte Green, byte Blue) background)
    {
        byte[] chunk = new byte[ChunkHead + (3 * colors) + ChunkTail];
        BinaryPrimitives.WriteInt32BigEndian(chunk, 3 * colors);
        "PLTE"u8.CopyTo(chunk.AsSpan(4));
        (chunk[ChunkHead], chunk[ChunkHead + 1], chunk[ChunkHead + 2]) = background;
        for (int number = 1; number < colors; number++)
        {
            chunk.AsSpan(ChunkHead + (3 * number), 3).Fill((byte)number);
        }

        uint checksum = Checksum(chunk.AsSpan(4..^ChunkTail));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - ChunkTail), checksum);
        return chunk;
    }

    /// <summary>The checksum of a chunk's type and data (PNG, annex D: CRC-32).</summary>
    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint checksum = uint.MaxValue;
        foreach (byte value in data)
        {
            checksum ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                checksum = (checksum & 1) == 0 ? checksum >> 1 : (checksum >> 1) ^ 0xEDB8_8320;
            }
        }

        return ~checksum;
    }
}
