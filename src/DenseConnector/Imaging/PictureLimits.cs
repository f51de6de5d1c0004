using System.Globalization;

namespace DenseConnector.Imaging;

/// <summary>How large a picture may be; checked from the header, before memory is taken.</summary>
internal static class PictureLimits
{
    /// <summary>
    /// The longest side in pixels: JPEG's own limit. It bounds what padding to a square and resampling can cost, which
    /// the pixel count alone does not: a picture of 1 × 100,000,000 pixels pads to 10^16.
    /// </summary>
    public const int MaxSide = 65_535;

    /// <summary>The most bytes a file may have: an uncompressed bitmap at the default pixel limit fits.</summary>
    public const int MaxEncodedBytes = 1 << 30;

    /// <summary>Refuses a picture whose size is impossible or above the limits.</summary>
    /// <param name="name">The picture's name in errors.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="maxPixels">The most pixels accepted.</param>
    /// <exception cref="InvalidImageException">A side is zero or too long, or there are too many pixels.</exception>
    public static void Check(string name, long width, long height, long maxPixels)
    {
        if (width is < 1 or > MaxSide || height is < 1 or > MaxSide)
        {
            throw new InvalidImageException(name, string.Create(
                CultureInfo.InvariantCulture, $"has {width} x {height} pixels, expected 1 to {MaxSide} on each side."));
        }

        if (width * height > maxPixels)
        {
            throw new InvalidImageException(name, string.Create(
                CultureInfo.InvariantCulture,
                $"has {width} x {height} = {width * height:N0} pixels, the limit is {maxPixels:N0}; ") +
                "make it smaller, or raise ImageOptions.MaxPixels if the picture is trusted.");
        }
    }
}
