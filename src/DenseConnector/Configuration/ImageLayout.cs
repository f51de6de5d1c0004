namespace DenseConnector.Configuration;

/// <summary>How a picture becomes what the vision encoder reads (<c>image_aspect_ratio</c>).</summary>
internal enum ImageLayout
{
    /// <summary>The processor's own resize and crop.</summary>
    Plain,

    /// <summary>Padded to a square with the mean colour, then <see cref="Plain"/>.</summary>
    Pad,

    /// <summary>LLaVA-NeXT: the whole picture and tiles of it at the best of several resolutions.</summary>
    AnyRes,
}
