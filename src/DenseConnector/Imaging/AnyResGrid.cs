namespace DenseConnector.Imaging;

/// <summary>
/// The integer geometry of AnyRes: which resolution a picture gets, where it lies in it, how it is cut into tiles, and
/// which features are left when the padding is taken away.
/// </summary>
/// <remarks>
/// Source: <c>select_best_resolution</c>, <c>resize_and_pad_image</c>, <c>get_anyres_image_grid_shape</c> of LLaVA's
/// <c>mm_utils.py</c>, and <c>unpad_image</c> of its <c>llava_arch.py</c>. Immutable.
/// </remarks>
/// <param name="Resolution">The chosen resolution in pixels.</param>
/// <param name="Columns">Tiles from left to right.</param>
/// <param name="Rows">Tiles from top to bottom.</param>
internal sealed record AnyResGrid(PixelSize Resolution, int Columns, int Rows)
{
    /// <summary>Number of tiles, the whole picture not counted.</summary>
    public int Tiles => Columns * Rows;

    /// <summary>
    /// Chooses the resolution that keeps most of the picture's pixels; among equals the one that wastes least, then the
    /// first.
    /// </summary>
    /// <param name="picture">Size of the picture.</param>
    /// <param name="pinpoints">The resolutions to choose from.</param>
    /// <param name="tileSide">Side of a tile in pixels.</param>
    /// <exception cref="ArgumentException">There is no pinpoint, or one is not a multiple of the tile.</exception>
    public static AnyResGrid Select(PixelSize picture, IReadOnlyList<PixelSize> pinpoints, int tileSide)
    {
        if (pinpoints.Count == 0)
        {
            throw new ArgumentException("AnyRes needs at least one pinpoint.", nameof(pinpoints));
        }

        PixelSize best = default;
        long mostEffective = -1;
        long leastWasted = 0;
        foreach (PixelSize candidate in pinpoints)
        {
            if (candidate.Width <= 0 || candidate.Height <= 0 ||
                candidate.Width % tileSide != 0 || candidate.Height % tileSide != 0)
            {
                throw new ArgumentException(
                    $"The AnyRes pinpoint {candidate.Width} x {candidate.Height} is not a multiple of the tile's " +
                    $"{tileSide} pixels.",
                    nameof(pinpoints));
            }

            double scale = Math.Min(
                (double)candidate.Width / picture.Width, (double)candidate.Height / picture.Height);
            long scaled = (long)(picture.Width * scale) * (long)(picture.Height * scale);
            long effective = Math.Min(scaled, (long)picture.Width * picture.Height);
            long wasted = ((long)candidate.Width * candidate.Height) - effective;
            if (effective > mostEffective || (effective == mostEffective && wasted < leastWasted))
            {
                (best, mostEffective, leastWasted) = (candidate, effective, wasted);
            }
        }

        return new AnyResGrid(best, best.Width / tileSide, best.Height / tileSide);
    }

    /// <summary>Where the resized picture lies on the black canvas of <see cref="Resolution"/>, in pixels.</summary>
    /// <param name="picture">Size of the picture.</param>
    public PixelWindow PictureOnCanvas(PixelSize picture)
    {
        double scaleX = (double)Resolution.Width / picture.Width;
        double scaleY = (double)Resolution.Height / picture.Height;
        (int width, int height) = scaleX < scaleY
            ? (Resolution.Width, Math.Min((int)Math.Ceiling(picture.Height * scaleX), Resolution.Height))
            : (Math.Min((int)Math.Ceiling(picture.Width * scaleY), Resolution.Width), Resolution.Height);
        return new PixelWindow(
            (Resolution.Width - width) / 2, (Resolution.Height - height) / 2, width, height);
    }

    /// <summary>
    /// The part of the joined feature map that shows the picture and not the canvas around it, in features.
    /// </summary>
    /// <param name="picture">Size of the picture.</param>
    /// <param name="featuresPerSide">Features along one side of a tile.</param>
    public PixelWindow Unpad(PixelSize picture, int featuresPerSide)
    {
        int width = Columns * featuresPerSide;
        int height = Rows * featuresPerSide;
        if ((double)picture.Width / picture.Height > (double)width / height)
        {
            int kept = (int)(picture.Height * ((double)width / picture.Width));
            int padding = (height - kept) / 2;
            return new PixelWindow(0, padding, width, height - (2 * padding));
        }
        else
        {
            int kept = (int)(picture.Width * ((double)height / picture.Height));
            int padding = (width - kept) / 2;
            return new PixelWindow(padding, 0, width - (2 * padding), height);
        }
    }

    /// <summary>
    /// Number of visual tokens in the layout "unpad": the whole picture's, and those of the unpadded map with a newline
    /// after each of its rows. Connectors that add tokens (Sparse Token Integration) do not work with AnyRes.
    /// </summary>
    /// <param name="picture">Size of the picture.</param>
    /// <param name="featuresPerSide">Features along one side of a tile.</param>
    public int CountTokens(PixelSize picture, int featuresPerSide)
    {
        PixelWindow unpadded = Unpad(picture, featuresPerSide);
        return (featuresPerSide * featuresPerSide) + (unpadded.Height * (unpadded.Width + 1));
    }
}
