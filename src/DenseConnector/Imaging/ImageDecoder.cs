using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace DenseConnector.Imaging;

/// <summary>
/// Decodes a picture to the bytes that Pillow 9.4 gives for <c>Image.open(file).convert("RGB")</c>; the only file that
/// names the image library.
/// </summary>
/// <remarks>
/// Alpha is dropped, not blended; palettes and grey are expanded; colour profiles and gamma are ignored; of an
/// animation the first frame is taken. SkiaSharp agrees bit for bit with Pillow except for 16-bit PNG
/// (<see cref="SixteenBitPng"/>) and the see-through parts of a GIF (<see cref="GifBackground"/>). Left as they are,
/// because such files hardly exist: bitmaps with 16 bits a pixel differ by 1; pixels beyond the end of their palette,
/// and those of a GIF without any, have another colour than the grey Pillow shows. Stateless; safe from any thread.
/// </remarks>
internal static class ImageDecoder
{
    /// <summary>Decodes a picture.</summary>
    /// <param name="name">The picture's name in errors.</param>
    /// <param name="encoded">The whole file.</param>
    /// <param name="options">Orientation and size limit.</param>
    /// <returns><c>[height, width, 3]</c> with its size.</returns>
    /// <exception cref="InvalidImageException">
    /// The bytes are not a picture of an accepted format, are truncated or damaged, or exceed the size limit.
    /// </exception>
    public static unsafe DecodedPicture Decode(string name, ReadOnlyMemory<byte> encoded, ImageOptions options)
    {
        PictureFormat format = PictureSignature.Identify(name, encoded.Span);
        using MemoryHandle pinned = encoded.Pin();
        using SKData data = SKData.Create((nint)pinned.Pointer, encoded.Length);
        using SKCodec codec = SKCodec.Create(data) ?? throw new InvalidImageException(
            name, $"is a {Name(format)} picture whose header is damaged or incomplete; save or download it again.");
        int width = codec.Info.Width;
        int height = codec.Info.Height;
        PictureLimits.Check(name, width, height, options.MaxPixels);

        byte[] rgb = format == PictureFormat.Png && SixteenBitPng.Recognizes(encoded.Span)
            ? SixteenBitPng.Decode(name, encoded.Span, width, height)
            : DecodePixels(name, codec, format, encoded.Span);
        DecodedPicture picture = new(width, height, rgb);
        return options.ApplyExifOrientation ? ExifOrientation.Apply(picture, (int)codec.EncodedOrigin) : picture;
    }

    private static unsafe byte[] DecodePixels(
        string name, SKCodec codec, PictureFormat format, ReadOnlySpan<byte> encoded)
    {
        // Unpremultiplied and without a colour space: the stored numbers, neither blended nor converted.
        SKImageInfo info = new(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        byte[] rented = ArrayPool<byte>.Shared.Rent(info.BytesSize);
        try
        {
            fixed (byte* rgba = rented)
            {
                SKCodecResult result = codec.GetPixels(info, (nint)rgba, info.RowBytes, SKCodecOptions.Default);
                if (result != SKCodecResult.Success)
                {
                    throw new InvalidImageException(name, Describe(result, format));
                }
            }

            ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(rented.AsSpan(0, info.BytesSize));
            return format == PictureFormat.Gif && pixels.ContainsAnyInRange(0u, 0x00FF_FFFFu)
                ? DropAlpha(pixels, GifBackground.Read(name, encoded))
                : DropAlpha(pixels, null);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// <c>[pixels]</c> of RGBA → <c>[pixels, 3]</c>; see-through pixels become the background, if there is one.
    /// </summary>
    private static byte[] DropAlpha(ReadOnlySpan<uint> rgba, (byte Red, byte Green, byte Blue)? background)
    {
        byte[] rgb = GC.AllocateUninitializedArray<byte>(rgba.Length * 3);
        uint behind = background is var (red, green, blue) ? red | ((uint)green << 8) | ((uint)blue << 16) : 0;
        for (int i = 0, at = 0; i < rgba.Length; i++, at += 3)
        {
            uint pixel = background is null || rgba[i] >> 24 != 0 ? rgba[i] : behind;
            rgb[at] = (byte)pixel;
            rgb[at + 1] = (byte)(pixel >> 8);
            rgb[at + 2] = (byte)(pixel >> 16);
        }

        return rgb;
    }

    private static string Describe(SKCodecResult result, PictureFormat format) => result switch
    {
        SKCodecResult.IncompleteInput =>
            $"is a {Name(format)} picture that ends too early; save or download it again.",
        SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput =>
            $"is a {Name(format)} picture with damaged data; save or download it again.",
        _ => $"is a {Name(format)} picture of a kind that is not read ({result}); save it as a plain PNG or JPEG.",
    };

    private static string Name(PictureFormat format) => format.ToString().ToUpperInvariant();
}
