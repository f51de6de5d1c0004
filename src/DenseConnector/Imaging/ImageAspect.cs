namespace DenseConnector.Imaging;

/// <summary>How a picture that is not square is brought to the encoder's square (<c>image_aspect_ratio</c>).</summary>
internal enum ImageAspect
{
    /// <summary>As the processor does by itself: CLIP cuts the middle out, SigLIP squeezes.</summary>
    Plain,

    /// <summary>Padded to a square with the mean colour first (<c>pad</c>).</summary>
    Pad,
}
