namespace DenseConnector.Imaging;

/// <summary>The part of a picture that is wanted; it may reach beyond the picture.</summary>
/// <param name="Left">First column; negative if it lies left of the picture.</param>
/// <param name="Top">First row; negative if it lies above the picture.</param>
/// <param name="Width">Number of columns.</param>
/// <param name="Height">Number of rows.</param>
internal readonly record struct PixelWindow(int Left, int Top, int Width, int Height)
{
    /// <summary>All of a picture.</summary>
    public static PixelWindow All(PixelSize size) => new(0, 0, size.Width, size.Height);

    /// <summary>The part that lies inside a picture.</summary>
    public PixelWindow Within(PixelSize size)
    {
        int left = Math.Clamp(Left, 0, size.Width);
        int top = Math.Clamp(Top, 0, size.Height);
        return new PixelWindow(
            left,
            top,
            Math.Clamp(Left + Width, left, size.Width) - left,
            Math.Clamp(Top + Height, top, size.Height) - top);
    }
}
