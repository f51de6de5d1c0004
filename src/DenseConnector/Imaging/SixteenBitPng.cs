using System.Buffers.Binary;
using System.IO.Compression;

namespace DenseConnector.Imaging;

/// <summary>
/// Reads PNG pictures with 16 bits a sample the way Pillow 9.4 turns them into 8: grey values above 255 become 255,
/// all other kinds keep the high byte.
/// </summary>
/// <remarks>
/// Pillow opens 16-bit grey as 32-bit integers and clips them in <c>convert("RGB")</c>; newer versions scale instead.
/// Image libraries scale and round all kinds, so the samples are read here. Format: W3C PNG (Third Edition),
/// sections 5 (chunks), 8 (interlacing) and 9 (filters). Alpha is dropped. Stateless; safe from any thread.
/// </remarks>
internal static class SixteenBitPng
{
    private const int HeaderEnd = 33;
    private const byte Gray = 0;
    private const byte Rgb = 2;
    private const byte GrayAlpha = 4;
    private const byte Rgba = 6;

    private static readonly (int X, int Y, int StepX, int StepY)[] Progressive = [(0, 0, 1, 1)];

    /// <summary>First column and row, and steps, of the seven passes of an interlaced picture (Adam7).</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Interlaced =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>The eight bytes every PNG starts with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Whether the file is a PNG with 16 bits a sample.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> file) =>
        file.Length >= HeaderEnd && file.StartsWith(Signature) && file[12..].StartsWith("IHDR"u8) && file[24] == 16;

    /// <summary>Decodes a file that <see cref="Recognizes"/> accepted.</summary>
    /// <param name="name">The picture's name in errors.</param>
    /// <param name="file">The whole file.</param>
    /// <param name="width">Width in pixels, checked against the limits by the caller.</param>
    /// <param name="height">Height in pixels, likewise.</param>
    /// <returns><c>[height, width, 3]</c>.</returns>
    /// <exception cref="InvalidImageException">The file is damaged, truncated, or of another size.</exception>
    public static byte[] Decode(string name, ReadOnlySpan<byte> file, int width, int height)
    {
        byte colorType = file[25];
        int channels = colorType switch { Gray => 1, Rgb => 3, GrayAlpha => 2, Rgba => 4, _ => 0 };
        byte interlace = file[28];
        if (channels == 0 || file[26] != 0 || file[27] != 0 || interlace > 1 ||
            BinaryPrimitives.ReadInt32BigEndian(file[16..]) != width ||
            BinaryPrimitives.ReadInt32BigEndian(file[20..]) != height)
        {
            throw Damaged(name);
        }

        byte[] rgb = new byte[width * height * 3];
        using ZLibStream samples = new(new MemoryStream(ReadImageData(file)), CompressionMode.Decompress);
        try
        {
            foreach ((int x, int y, int stepX, int stepY) in interlace == 0 ? Progressive : Interlaced)
            {
                int columns = (width - x + stepX - 1) / stepX;
                int rows = (height - y + stepY - 1) / stepY;
                if (columns <= 0 || rows <= 0)
                {
                    continue;
                }

                // One byte of filter type, then the samples; the row above the first counts as zeros.
                byte[] row = new byte[1 + (columns * channels * 2)];
                byte[] above = new byte[row.Length];
                for (int r = 0; r < rows; r++)
                {
                    samples.ReadExactly(row);
                    if (!Unfilter(row[0], row.AsSpan(1), above.AsSpan(1), channels * 2))
                    {
                        throw Damaged(name);
                    }

                    int target = (((y + (r * stepY)) * width) + x) * 3;
                    Store(row.AsSpan(1), colorType, channels * 2, rgb, target, stepX * 3);
                    (row, above) = (above, row);
                }
            }
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidImageException(
                name, "is a PNG picture that ends too early; save or download it again.", e);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // IOException: zlib's word for damage such as a missing dictionary.
            throw Damaged(name, e);
        }

        return rgb;
    }

    /// <summary>Joins the bytes of all IDAT chunks; what a truncated file lacks is noticed when they run out.</summary>
    private static byte[] ReadImageData(ReadOnlySpan<byte> file)
    {
        using MemoryStream data = new();
        for (ReadOnlySpan<byte> rest = file[8..]; rest.Length >= 8;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            ReadOnlySpan<byte> type = rest[4..8];
            rest = rest[8..];
            int present = (int)Math.Min(length, (uint)rest.Length);
            if (type.SequenceEqual("IDAT"u8))
            {
                data.Write(rest[..present]);
            }

            // The four bytes after the data are its checksum; Pillow does not check it for image data either.
            rest = rest[(int)Math.Min(present + 4L, rest.Length)..];
        }

        return data.ToArray();
    }

    private static bool Unfilter(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                for (int i = pixelBytes; i < row.Length; i++)
                {
                    row[i] += row[i - pixelBytes];
                }

                return true;
            case 2:
                for (int i = 0; i < row.Length; i++)
                {
                    row[i] += above[i];
                }

                return true;
            case 3:
                for (int i = 0; i < row.Length; i++)
                {
                    int left = i < pixelBytes ? 0 : row[i - pixelBytes];
                    row[i] += (byte)((left + above[i]) / 2);
                }

                return true;
            case 4:
                for (int i = 0; i < row.Length; i++)
                {
                    row[i] += i < pixelBytes
                        ? above[i]
                        : Paeth(row[i - pixelBytes], above[i], above[i - pixelBytes]);
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Whichever neighbour is nearest to left + above - corner; ties in that order.</summary>
    private static byte Paeth(byte left, byte above, byte corner)
    {
        int toLeft = Math.Abs(above - corner);
        int toAbove = Math.Abs(left - corner);
        int toCorner = Math.Abs(left + above - (2 * corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    /// <summary>Writes one row of big-endian samples as RGB, a pixel every <paramref name="step"/> bytes.</summary>
    private static void Store(
        ReadOnlySpan<byte> samples, byte colorType, int pixelBytes, byte[] rgb, int target, int step)
    {
        for (; samples.Length >= pixelBytes; samples = samples[pixelBytes..], target += step)
        {
            (rgb[target], rgb[target + 1], rgb[target + 2]) = colorType switch
            {
                Gray when samples[0] != 0 => ((byte)255, (byte)255, (byte)255),
                Gray => (samples[1], samples[1], samples[1]),
                GrayAlpha => (samples[0], samples[0], samples[0]),
                _ => (samples[0], samples[2], samples[4]),
            };
        }
    }

    private static InvalidImageException Damaged(string name, Exception? cause = null) =>
        new(name, "is a PNG picture with damaged data; save or download it again.", cause);
}
