namespace DenseConnector.Imaging;

/// <summary>
/// Tells a picture's format from its first bytes, so that nothing but the accepted formats reaches a decoder.
/// </summary>
/// <remarks>Stateless; safe from any thread.</remarks>
internal static class PictureSignature
{
    /// <summary>The accepted formats, as errors name them.</summary>
    public const string Accepted = "a JPEG, PNG, WebP, GIF or BMP picture";

    /// <summary>How many first bytes settle the question.</summary>
    public const int Length = 16;

    /// <summary>Formats that are pictures or often mistaken for them, with what to do instead.</summary>
    private static readonly (byte[] Start, int Offset, string Kind)[] Refused =
    [
        ([0x49, 0x49, 0x2A, 0x00], 0, "a TIFF picture"),
        ([0x4D, 0x4D, 0x00, 0x2A], 0, "a TIFF picture"),
        ([0x49, 0x49, 0x2B, 0x00], 0, "a TIFF picture"),
        ([0x4D, 0x4D, 0x00, 0x2B], 0, "a TIFF picture"),
        ([.. "ftypavif"u8], 4, "an AVIF picture"),
        ([.. "ftypavis"u8], 4, "an AVIF picture"),
        ([.. "ftyphei"u8], 4, "a HEIC picture"),
        ([.. "ftypmif1"u8], 4, "a HEIC picture"),
        ([.. "ftyp"u8], 4, "a video"),
        ([.. "jP  \r\n"u8], 4, "a JPEG 2000 picture"),
        ([0xFF, 0x0A], 0, "a JPEG XL picture"),
        ([.. "JXL \r\n"u8], 4, "a JPEG XL picture"),
        ([0x00, 0x00, 0x01, 0x00], 0, "an ICO picture"),
        ([.. "8BPS"u8], 0, "a Photoshop file"),
        ([.. "%PDF"u8], 0, "a PDF document"),
        ([.. "PK"u8, 3, 4], 0, "a ZIP archive"),
    ];

    /// <summary>Identifies the format.</summary>
    /// <param name="name">The picture's name in errors.</param>
    /// <param name="start">The first <see cref="Length"/> bytes, or all if there are fewer.</param>
    /// <exception cref="InvalidImageException">The bytes are none of the accepted formats.</exception>
    public static PictureFormat Identify(string name, ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
        {
            throw new InvalidImageException(name, $"has no bytes, expected {Accepted}.");
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return PictureFormat.Jpeg;
        }

        if (start.StartsWith(SixteenBitPng.Signature))
        {
            return PictureFormat.Png;
        }

        if (start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8))
        {
            return PictureFormat.WebP;
        }

        if (start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8))
        {
            return PictureFormat.Gif;
        }

        if (start.StartsWith("BM"u8))
        {
            return PictureFormat.Bmp;
        }

        throw new InvalidImageException(name, Describe(start) is string kind
            ? $"is {kind}, which is not read; convert it to {Accepted}."
            : $"is not {Accepted}.");
    }

    private static string? Describe(ReadOnlySpan<byte> start)
    {
        foreach ((byte[] signature, int offset, string kind) in Refused)
        {
            if (start.Length >= offset && start[offset..].StartsWith(signature))
            {
                return kind;
            }
        }

        // Text has neither a zero nor another control byte than tab, line feed and carriage return.
        return start.IndexOfAnyInRange((byte)0, (byte)8) < 0 && start.IndexOfAnyInRange((byte)14, (byte)31) < 0
            ? "text"
            : null;
    }
}
