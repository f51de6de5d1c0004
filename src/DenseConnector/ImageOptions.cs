namespace DenseConnector;

/// <summary>How a picture file is read; immutable.</summary>
public sealed record ImageOptions
{
    /// <summary>
    /// Whether a JPEG or WebP picture is turned and mirrored as its EXIF orientation says. Default <c>false</c>: the
    /// reference implementation feeds the model the pixels as they are stored, and its answers are reproduced exactly
    /// only so.
    /// </summary>
    public bool ApplyExifOrientation { get; init; }

    /// <summary>
    /// The most pixels a picture may have, read from its header before memory is taken; default 178,956,970, above
    /// which Pillow refuses a picture too.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not between 1 and 536,870,897.</exception>
    public long MaxPixels
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxPixels));
            // Four bytes a pixel must fit one array while a picture is decoded.
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Array.MaxLength / 4, nameof(MaxPixels));
            field = value;
        }
    } = 178_956_970;

    /// <summary>The options used when none are given.</summary>
    internal static ImageOptions Default { get; } = new();
}
