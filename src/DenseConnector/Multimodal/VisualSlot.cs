using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DenseConnector.Imaging;

namespace DenseConnector.Multimodal;

/// <summary>What fills one image slot of a prompt, ready for the vision encoder. Holds no tensors.</summary>
/// <param name="Pixels">The tiles of a picture or the frames of a video, <c>[tiles, 3, height, width]</c>.</param>
/// <param name="Size">Size of the original picture in pixels.</param>
/// <param name="Tokens">How many visual tokens it will become.</param>
/// <param name="Video">The video, if it is one.</param>
internal sealed record VisualSlot(PixelValues Pixels, PixelSize Size, int Tokens, VideoInput? Video = null)
{
    /// <summary>
    /// SHA-256 over all that decides the visual tokens of a model: pixels, tiles, the picture's size, what is done with
    /// frames. Made with the slot, on the caller's thread.
    /// </summary>
    public string Hash { get; } = ComputeHash(Pixels, Size, Tokens, Video);

    private static string ComputeHash(PixelValues pixels, PixelSize size, int tokens, VideoInput? video)
    {
        int frames = video is null ? 0 : video.Pool ? 1 : 2;
        int[] shape = [pixels.Tiles, pixels.Height, pixels.Width, size.Width, size.Height, tokens, frames];
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<int>(shape));
        hash.AppendData(MemoryMarshal.AsBytes<float>(pixels.Values));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
