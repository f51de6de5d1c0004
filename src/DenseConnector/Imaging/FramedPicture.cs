namespace DenseConnector.Imaging;

/// <summary>A picture inside a one-coloured rectangle that is never built in memory.</summary>
/// <remarks>
/// Padding a long picture to a square multiplies its pixels; what the padding adds to the resampled picture can be
/// computed from its colour alone. Immutable.
/// </remarks>
/// <param name="Rgb"><c>[picture.Height, picture.Width, 3]</c>.</param>
/// <param name="Picture">Size of the picture.</param>
/// <param name="Size">Size of the rectangle, at least the picture's.</param>
/// <param name="Left">Columns left of the picture.</param>
/// <param name="Top">Rows above the picture.</param>
/// <param name="Background">Colour around the picture.</param>
internal readonly record struct FramedPicture(
    ReadOnlyMemory<byte> Rgb,
    PixelSize Picture,
    PixelSize Size,
    int Left,
    int Top,
    (byte Red, byte Green, byte Blue) Background)
{
    /// <summary>A picture without anything around it.</summary>
    public static FramedPicture Bare(ReadOnlyMemory<byte> rgb, PixelSize size) => new(rgb, size, size, 0, 0, default);

    /// <summary>
    /// A picture in the middle of the square of its longer side (<c>expand2square</c> of LLaVA's <c>mm_utils.py</c>).
    /// </summary>
    public static FramedPicture Square(
        ReadOnlyMemory<byte> rgb, PixelSize size, (byte Red, byte Green, byte Blue) background)
    {
        int side = Math.Max(size.Width, size.Height);
        return new FramedPicture(
            rgb,
            size,
            new PixelSize(side, side),
            (side - size.Width) / 2,
            (side - size.Height) / 2,
            background);
    }
}
