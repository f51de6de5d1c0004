namespace DenseConnector.Imaging;

/// <summary>
/// Finds the colour that Pillow 9.4 shows where the first frame of a GIF is see-through or does not cover the screen.
/// </summary>
/// <remarks>
/// <c>convert("RGB")</c> takes the palette colour behind the transparent index (index 0 if the frame names none); image
/// libraries give black. Format: GIF89a specification. Stateless; safe from any thread.
/// </remarks>
internal static class GifBackground
{
    private const byte Extension = 0x21;
    private const byte GraphicControl = 0xF9;
    private const byte ImageDescriptor = 0x2C;

    /// <summary>Reads the colour from a GIF whose first frame has been decoded.</summary>
    /// <param name="name">The picture's name in errors.</param>
    /// <param name="file">The whole file.</param>
    /// <exception cref="InvalidImageException">The file ends before its first frame.</exception>
    public static (byte Red, byte Green, byte Blue) Read(string name, ReadOnlySpan<byte> file)
    {
        try
        {
            ReadOnlySpan<byte> palette = ColorTable(file[10], file[13..]);
            ReadOnlySpan<byte> rest = file[(13 + palette.Length)..];
            byte index = 0;
            while (rest[0] == Extension)
            {
                if (rest[1] == GraphicControl)
                {
                    // Block size, flags (bit 0: an index is see-through), delay (2 bytes), the index.
                    index = (rest[3] & 1) != 0 ? rest[6] : index;
                }

                for (rest = rest[2..]; rest[0] != 0; rest = rest[(1 + rest[0])..])
                {
                }

                rest = rest[1..];
            }

            if (rest[0] == ImageDescriptor)
            {
                ReadOnlySpan<byte> local = ColorTable(rest[9], rest[10..]);
                palette = local.IsEmpty ? palette : local;
            }

            // A palette Pillow has not filled holds grey, the value equal to the index.
            int at = index * 3;
            return at < palette.Length ? (palette[at], palette[at + 1], palette[at + 2]) : (index, index, index);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new InvalidImageException(
                name, "is a GIF picture that ends too early; save or download it again.", e);
        }
    }

    /// <summary>The colour table that follows a descriptor, empty if its flags say there is none.</summary>
    private static ReadOnlySpan<byte> ColorTable(byte flags, ReadOnlySpan<byte> following) =>
        (flags & 0x80) == 0 ? [] : following[..(3 << ((flags & 7) + 1))];
}
