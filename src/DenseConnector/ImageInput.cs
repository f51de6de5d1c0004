using System.Security.Cryptography;
using System.Text;
using DenseConnector.Imaging;

namespace DenseConnector;

/// <summary>A picture for an <c>&lt;image&gt;</c> slot: 8-bit RGB pixels, decoded once.</summary>
/// <remarks>
/// <para>JPEG, PNG, WebP, GIF (first frame) and BMP files are read, to the same bytes as the reference implementation
/// reads them (Pillow 9.4, <c>convert("RGB")</c>): alpha is dropped, not blended, and the EXIF orientation is applied
/// only on request.</para>
/// <para>Two pictures are equal when their size and all their pixels are equal, wherever they came from. Comparing
/// reads the pixels; the hash code is taken from a hash of the content that is computed at first use and kept.</para>
/// <para>Immutable and thread-safe.</para>
/// </remarks>
public sealed record ImageInput : VisualInput
{
    private readonly Lazy<byte[]> _contentHash;

    private ImageInput(DecodedPicture picture)
    {
        Width = picture.Width;
        Height = picture.Height;
        Pixels = picture.Rgb;
        _contentHash = new Lazy<byte[]>(HashContent);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary><c>[height, width, 3]</c>: rows from the top, red first, one byte each.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>SHA-256 of size and pixels: the same picture has the same hash in every process.</summary>
    internal ReadOnlyMemory<byte> ContentHash => _contentHash.Value;

    /// <summary>Reads a picture file.</summary>
    /// <param name="path">The file; a relative path starts at the current folder.</param>
    /// <param name="options">How to read it; <c>null</c>: the defaults.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    /// <exception cref="InvalidImageException">
    /// The file is missing, cannot be read, is not a picture of an accepted format, is truncated or damaged, or has
    /// more pixels than <see cref="ImageOptions.MaxPixels"/>.
    /// </exception>
    public static async Task<ImageInput> LoadAsync(
        string path, ImageOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Decode(
            path,
            await EncodedPicture.ReadFileAsync(path, cancellationToken).ConfigureAwait(false),
            options);
    }

    /// <summary>Reads a picture from the bytes of a file.</summary>
    /// <param name="encoded">The whole file; not kept.</param>
    /// <param name="options">How to read it; <c>null</c>: the defaults.</param>
    /// <exception cref="InvalidImageException">
    /// The bytes are not a picture of an accepted format, are truncated or damaged, or have more pixels than
    /// <see cref="ImageOptions.MaxPixels"/>.
    /// </exception>
    public static ImageInput FromBytes(ReadOnlyMemory<byte> encoded, ImageOptions? options = null) =>
        Decode("the image bytes", encoded, options);

    /// <summary>Reads a picture from a stream, from its position to its end.</summary>
    /// <param name="stream">The stream; left open.</param>
    /// <param name="options">How to read it; <c>null</c>: the defaults.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="InvalidImageException">
    /// The bytes are not a picture of an accepted format, are truncated or damaged, or have more pixels than
    /// <see cref="ImageOptions.MaxPixels"/>.
    /// </exception>
    public static async Task<ImageInput> FromStreamAsync(
        Stream stream, ImageOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        const string name = "the image stream";
        return Decode(
            name,
            await EncodedPicture.ReadAsync(name, stream, cancellationToken).ConfigureAwait(false),
            options);
    }

    /// <summary>Makes a picture from pixels.</summary>
    /// <param name="width">Width in pixels, 1 to 65,535.</param>
    /// <param name="height">Height in pixels, 1 to 65,535.</param>
    /// <param name="rgb"><c>[height, width, 3]</c>, red first; copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not between 1 and 65,535.</exception>
    /// <exception cref="ArgumentException">The number of bytes is not width · height · 3.</exception>
    public static ImageInput FromPixels(int width, int height, ReadOnlySpan<byte> rgb)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, PictureLimits.MaxSide);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, PictureLimits.MaxSide);
        long expected = (long)width * height * 3;
        return rgb.Length == expected
            ? new ImageInput(new DecodedPicture(width, height, rgb.ToArray()))
            : throw new ArgumentException(
                $"{width} x {height} RGB pixels are {expected} bytes, found {rgb.Length}.", nameof(rgb));
    }

    /// <summary>Reads a picture from the bytes of a file; errors call it by the name.</summary>
    internal static ImageInput Decode(string name, ReadOnlyMemory<byte> encoded, ImageOptions? options) =>
        new(ImageDecoder.Decode(name, encoded, options ?? ImageOptions.Default));

    /// <summary>Whether the other picture has the same size and the same pixels.</summary>
    public bool Equals(ImageInput? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && Width == other.Width && Height == other.Height &&
            Pixels.Span.SequenceEqual(other.Pixels.Span));

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(ContentHash.Span);

    /// <summary>Shows the size only; a record's own text would show the type of the pixel memory.</summary>
    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.Append(nameof(Width)).Append(" = ").Append(Width);
        builder.Append(", ").Append(nameof(Height)).Append(" = ").Append(Height);
        return true;
    }

    private byte[] HashContent()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(Width));
        hash.AppendData(BitConverter.GetBytes(Height));
        hash.AppendData(Pixels.Span);
        return hash.GetHashAndReset();
    }
}
