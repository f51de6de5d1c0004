namespace DenseConnector.Imaging;

/// <summary>The picture file formats the library reads.</summary>
internal enum PictureFormat
{
    /// <summary>JPEG (JFIF or EXIF), baseline and progressive, grey, colour and CMYK.</summary>
    Jpeg,

    /// <summary>PNG, every colour type and bit depth.</summary>
    Png,

    /// <summary>WebP, lossy and lossless; of an animation the first frame.</summary>
    WebP,

    /// <summary>GIF, the first frame.</summary>
    Gif,

    /// <summary>Windows bitmap.</summary>
    Bmp,
}
