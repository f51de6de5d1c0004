using DenseConnector.Imaging;

namespace DenseConnector.Multimodal;

/// <summary>What fills one image slot of a prompt, ready for the vision encoder. Holds no tensors.</summary>
/// <param name="Pixels">The tiles of a picture or the frames of a video, <c>[tiles, 3, height, width]</c>.</param>
/// <param name="Size">Size of the original picture in pixels.</param>
/// <param name="Tokens">How many visual tokens it will become.</param>
/// <param name="Video">The video, if it is one.</param>
internal sealed record VisualSlot(PixelValues Pixels, PixelSize Size, int Tokens, VideoInput? Video = null);
