namespace DenseConnector.Imaging;

/// <summary>Turns and mirrors a picture as its EXIF orientation (tag 0x0112) says.</summary>
internal static class ExifOrientation
{
    /// <summary>Gives the picture upright; the result equals Pillow's <c>ImageOps.exif_transpose</c>.</summary>
    /// <param name="picture">The picture as stored.</param>
    /// <param name="orientation">1 to 8; 1 and every other number leave the picture as it is.</param>
    public static DecodedPicture Apply(DecodedPicture picture, int orientation)
    {
        (int width, int height, byte[] stored) = picture;

        // Where the upright picture's first pixel is stored, and how far its right and lower neighbours are from there.
        int right = 1;
        int down = width;
        int last = (width * height) - 1;
        (int first, int stepX, int stepY) = orientation switch
        {
            2 => (width - 1, -right, down),
            3 => (last, -right, -down),
            4 => (last - width + 1, right, -down),
            5 => (0, down, right),
            6 => (last - width + 1, -down, right),
            7 => (last, -down, -right),
            8 => (width - 1, down, -right),
            _ => (0, right, down),
        };
        if (stepX == right && stepY == down)
        {
            return picture;
        }

        (int uprightWidth, int uprightHeight) = orientation >= 5 ? (height, width) : (width, height);
        byte[] upright = GC.AllocateUninitializedArray<byte>(stored.Length);
        for (int y = 0, to = 0; y < uprightHeight; y++)
        {
            int from = (first + (y * stepY)) * 3;
            for (int x = 0; x < uprightWidth; x++, to += 3, from += stepX * 3)
            {
                upright[to] = stored[from];
                upright[to + 1] = stored[from + 1];
                upright[to + 2] = stored[from + 2];
            }
        }

        return new DecodedPicture(uprightWidth, uprightHeight, upright);
    }
}
