using System.Buffers.Binary;
using System.IO.Compression;
using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

/// <summary>Pictures made in memory, whole and broken.</summary>
internal static class TestPictures
{
    /// <summary>Folder of the golden pictures that are part of the repository.</summary>
    public static string Golden { get; } = Path.Combine(TestData.Fixtures, "reference", "preprocess", "images");

    /// <summary>Folder of the pictures of rare kinds.</summary>
    public static string Rare { get; } = Path.Combine(TestData.Fixtures, "pictures");

    /// <summary>Random pixels, the same for the same size and seed.</summary>
    public static ImageInput Noise(int width, int height, int seed = 1)
    {
        byte[] rgb = new byte[width * height * 3];
        new Random(seed).NextBytes(rgb);
        return ImageInput.FromPixels(width, height, rgb);
    }

    /// <summary>A PNG file with any header, and the bytes of its rows (each with its filter type first).</summary>
    public static byte[] Png(int width, int height, byte depth, byte colorType, byte[] rows, byte interlace = 0)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = depth;
        header[9] = colorType;
        header[12] = interlace;
        using MemoryStream data = new();
        using (ZLibStream zlib = new(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(rows);
        }

        return
        [
            .. SixteenBitPng.Signature, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, data.ToArray()),
            .. Chunk("IEND"u8, []),
        ];
    }

    /// <summary>The JPEG file with an EXIF segment that gives its orientation.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        // APP1 of 34 bytes: "Exif", a big-endian TIFF header, one directory of one entry, 0x0112 as a short.
        byte[] segment =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0,
            0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], .. segment, .. jpeg[2..]];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        uint crc = uint.MaxValue;
        foreach (byte value in chunk.AsSpan(4, 4 + data.Length))
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1;
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), ~crc);
        return chunk;
    }
}
