using System.Runtime.InteropServices;
using DenseConnector.Imaging;
using SkiaSharp;

namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>Makes pictures small enough to be part of a page.</summary>
internal static class Thumbnail
{
    /// <summary>The longest side in pixels.</summary>
    public const int MaxSide = 320;

    private const int Quality = 80;

    /// <summary>A small JPEG of a picture as the model sees it, as a <c>data:</c> address.</summary>
    /// <param name="path">The picture's file.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <returns><c>null</c> if the file is missing or no picture.</returns>
    public static async Task<string?> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            ReadOnlyMemory<byte> encoded = await EncodedPicture.ReadFileAsync(path, cancellation);
            DecodedPicture picture = Shrink(ImageDecoder.Decode(path, encoded, new ImageOptions()));
            return $"data:image/jpeg;base64,{Convert.ToBase64String(Encode(picture))}";
        }
        catch (InvalidImageException)
        {
            return null;
        }
    }

    private static DecodedPicture Shrink(DecodedPicture picture)
    {
        (int width, int height, byte[] rgb) = picture;
        double scale = Math.Min(1, (double)MaxSide / Math.Max(width, height));
        PixelSize size = new(Scale(width), Scale(height));
        return new DecodedPicture(
            size.Width, size.Height, BicubicResizer.Resize(rgb, new PixelSize(width, height), size));

        int Scale(int side) => Math.Max(1, (int)Math.Round(side * scale));
    }

    private static byte[] Encode(DecodedPicture picture)
    {
        (int width, int height, byte[] rgb) = picture;
        uint[] pixels = new uint[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = rgb[i * 3] | ((uint)rgb[(i * 3) + 1] << 8) | ((uint)rgb[(i * 3) + 2] << 16) | 0xFF00_0000u;
        }

        SKImageInfo info = new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKImage image = SKImage.FromPixelCopy(info, MemoryMarshal.AsBytes(pixels.AsSpan()));
        using SKData data = image.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return data.ToArray();
    }
}
