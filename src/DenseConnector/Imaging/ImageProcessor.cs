namespace DenseConnector.Imaging;

/// <summary>Turns pictures into the floats a vision encoder reads, bit for bit as the reference does.</summary>
/// <remarks>
/// Source: <c>process_images</c> and <c>process_anyres_image</c> of LLaVA's <c>mm_utils.py</c>, and
/// <c>CLIPImageProcessor</c> / <c>SiglipImageProcessor</c> of transformers 4.36.2. Different on purpose: pictures with
/// a height of 1 or 3 pixels, whose first axis transformers mistakes for colours, are treated like any other.
/// Immutable and thread-safe.
/// </remarks>
internal sealed class ImageProcessor
{
    private const int Levels = 256;

    private readonly ImageProcessorSettings _settings;
    private readonly float[] _normalized;

    /// <summary>Prepares the tables for an encoder's settings.</summary>
    public ImageProcessor(ImageProcessorSettings settings)
    {
        _settings = settings;
        _normalized = new float[3 * Levels];
        for (int channel = 0; channel < 3; channel++)
        {
            float mean = (float)settings.Mean[channel];
            float deviation = (float)settings.StandardDeviation[channel];
            for (int level = 0; level < Levels; level++)
            {
                // numpy multiplies in float64 and rounds once; the rest is float32.
                float rescaled = (float)(level * settings.RescaleFactor);
                _normalized[(channel * Levels) + level] = (rescaled - mean) / deviation;
            }
        }
    }

    /// <summary>Side of an AnyRes tile in pixels.</summary>
    public int TileSide => _settings.Output.Width;

    /// <summary>Resizes, cuts and normalises one picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="aspect">What happens to a picture that is not square.</param>
    /// <returns><c>[1, 3, height, width]</c>.</returns>
    public PixelValues Process(ImageInput image, ImageAspect aspect)
    {
        PixelSize size = new(image.Width, image.Height);
        FramedPicture framed = aspect == ImageAspect.Pad
            ? FramedPicture.Square(image.Pixels, size, _settings.Background)
            : FramedPicture.Bare(image.Pixels, size);
        PixelValues result = NewResult(1);
        WriteTile(framed, result.Values);
        return result;
    }

    /// <summary>Cuts one picture into tiles at the best of several resolutions and normalises them.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="pinpoints">The resolutions to choose from, multiples of <see cref="TileSide"/>.</param>
    /// <returns>
    /// <c>[1 + rows · columns, 3, side, side]</c>: the whole picture squeezed to a square, then the tiles row by row.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// There is no pinpoint, a pinpoint is not a multiple of the tile, or the encoder's input is not square.
    /// </exception>
    public PixelValues ProcessAnyRes(ImageInput image, IReadOnlyList<PixelSize> pinpoints)
    {
        PixelSize size = new(image.Width, image.Height);
        PixelSize tile = _settings.Output;
        if (tile.Width != tile.Height)
        {
            throw new ArgumentException(
                $"AnyRes needs a square encoder input, found {tile.Width} x {tile.Height}.", nameof(pinpoints));
        }

        AnyResGrid grid = AnyResGrid.Select(size, pinpoints, tile.Width);
        PixelValues result = NewResult(1 + grid.Tiles);
        int tileFloats = result.Values.Length / result.Tiles;

        // The reference runs each part through the whole processor, which changes nothing when sizes agree.
        int wholeSide = _settings.ShortestEdge ?? tile.Width;
        PixelSize whole = new(wholeSide, wholeSide);
        WriteTile(
            FramedPicture.Bare(BicubicResizer.Resize(image.Pixels, size, whole), whole),
            result.Values.AsSpan(0, tileFloats));

        byte[] canvas = new byte[grid.Resolution.Width * grid.Resolution.Height * 3];
        PixelWindow place = grid.PictureOnCanvas(size);
        int canvasStride = grid.Resolution.Width * 3;
        PixelSize resized = new(place.Width, place.Height);
        BicubicResizer.Resize(
            FramedPicture.Bare(image.Pixels, size),
            resized,
            PixelWindow.All(resized),
            canvas.AsSpan((place.Top * canvasStride) + (place.Left * 3)),
            canvasStride);

        byte[] part = new byte[tile.Width * tile.Height * 3];
        int partStride = tile.Width * 3;
        for (int index = 0; index < grid.Tiles; index++)
        {
            int first = (index / grid.Columns * tile.Height * canvasStride) + (index % grid.Columns * partStride);
            for (int y = 0; y < tile.Height; y++)
            {
                canvas.AsSpan(first + (y * canvasStride), partStride).CopyTo(part.AsSpan(y * partStride));
            }

            WriteTile(FramedPicture.Bare(part, tile), result.Values.AsSpan((index + 1) * tileFloats, tileFloats));
        }

        return result;
    }

    private PixelValues NewResult(int tiles)
    {
        (int width, int height) = _settings.Output;
        return new PixelValues(
            GC.AllocateUninitializedArray<float>(checked(tiles * 3 * height * width)), tiles, height, width);
    }

    /// <summary>Resize, centre crop, normalise: one tile, <c>[3, height, width]</c>.</summary>
    private void WriteTile(in FramedPicture picture, Span<float> values)
    {
        PixelSize output = _settings.Output;
        PixelSize resized = _settings.ExactSize ?? ScaleToShortestEdge(picture.Size, _settings.ShortestEdge!.Value);

        // center_crop of transformers: what the crop has beyond the picture is zero before normalisation.
        PixelWindow crop = new(
            FloorHalf(resized.Width - output.Width),
            FloorHalf(resized.Height - output.Height),
            output.Width,
            output.Height);
        PixelWindow inside = crop.Within(resized);
        byte[] pixels = new byte[output.Width * output.Height * 3];
        int stride = output.Width * 3;
        BicubicResizer.Resize(
            picture,
            resized,
            inside,
            pixels.AsSpan(((inside.Top - crop.Top) * stride) + ((inside.Left - crop.Left) * 3)),
            stride);
        Normalize(pixels, values);
    }

    /// <summary>
    /// The shorter side becomes <paramref name="edge"/>, the longer one follows, cut to whole pixels
    /// (<c>get_resize_output_image_size</c>).
    /// </summary>
    private static PixelSize ScaleToShortestEdge(PixelSize size, int edge)
    {
        int shorter = Math.Min(size.Width, size.Height);
        int longer = Math.Max(size.Width, size.Height);
        int scaled = checked((int)((double)((long)edge * longer) / shorter));
        return size.Width <= size.Height ? new PixelSize(edge, scaled) : new PixelSize(scaled, edge);
    }

    /// <summary>Python's <c>//2</c>, which rounds down for negative numbers too.</summary>
    private static int FloorHalf(int value) => value >> 1;

    /// <summary><c>[height, width, 3]</c> bytes → <c>[3, height, width]</c> floats.</summary>
    private void Normalize(ReadOnlySpan<byte> pixels, Span<float> values)
    {
        int count = pixels.Length / 3;
        for (int channel = 0; channel < 3; channel++)
        {
            ReadOnlySpan<float> table = _normalized.AsSpan(channel * Levels, Levels);
            Span<float> plane = values.Slice(channel * count, count);
            for (int i = 0, at = channel; i < plane.Length; i++, at += 3)
            {
                plane[i] = table[pixels[at]];
            }
        }
    }
}
