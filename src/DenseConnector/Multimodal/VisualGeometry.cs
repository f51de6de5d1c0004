using DenseConnector.Configuration;
using DenseConnector.Imaging;

namespace DenseConnector.Multimodal;

/// <summary>
/// The part of a model's visual layout that is plain arithmetic: how pictures are cut up and how many visual tokens
/// they become. Known before anything is computed.
/// </summary>
/// <param name="Layout">How pictures become tiles.</param>
/// <param name="Merge">How the tokens of tiles are put in order.</param>
/// <param name="Pinpoints">The resolutions AnyRes may choose.</param>
/// <param name="TileSide">Side of a tile in pixels.</param>
/// <param name="PatchesPerSide">Patches along one side of a tile.</param>
/// <param name="TokensPerTile">Visual tokens of one tile.</param>
internal sealed record VisualGeometry(
    ImageLayout Layout,
    PatchMerge Merge,
    IReadOnlyList<PixelSize> Pinpoints,
    int TileSide,
    int PatchesPerSide,
    int TokensPerTile)
{
    /// <summary>Tokens that pooling puts together (<c>MaxPool1d(2, 2)</c>).</summary>
    public const int PoolWindow = 2;

    /// <summary>Whether a learned newline ends each row of tokens.</summary>
    public bool HasNewline => Merge == PatchMerge.SpatialUnpad;

    /// <summary>Whether the tokens of tiles are laid out as one map of the picture.</summary>
    public bool IsSpatial => Layout == ImageLayout.AnyRes && Merge != PatchMerge.Flat;

    /// <summary>The tiles of a picture of this size.</summary>
    public AnyResGrid Grid(PixelSize picture) => AnyResGrid.Select(picture, Pinpoints, TileSide);

    /// <summary>Turns what a user gave into pixels and counts its visual tokens; on any thread.</summary>
    public VisualSlot Read(VisualInput visual, ImageProcessor processor, CancellationToken cancellation) =>
        visual switch
        {
            ImageInput picture => ReadPicture(picture, processor),
            VideoInput video => ReadVideo(video, processor, cancellation),
            _ => throw new ArgumentException(
                $"{visual.GetType().Name} is no picture and no video.", nameof(visual)),
        };

    /// <summary>Visual tokens of a picture that was cut into this many tiles.</summary>
    public int CountTokens(PixelSize picture, int tiles)
    {
        bool newline = HasNewline && Layout == ImageLayout.AnyRes;
        return !newline ? tiles * TokensPerTile
            : tiles == 1 ? TokensPerTile + 1
            : Grid(picture).CountTokens(picture, PatchesPerSide);
    }

    private VisualSlot ReadPicture(ImageInput picture, ImageProcessor processor)
    {
        PixelSize size = new(picture.Width, picture.Height);
        PixelValues pixels = Layout == ImageLayout.AnyRes
            ? processor.ProcessAnyRes(picture, Pinpoints)
            : processor.Process(picture, Aspect);
        return new VisualSlot(pixels, size, CountTokens(size, pixels.Tiles));
    }

    private VisualSlot ReadVideo(VideoInput video, ImageProcessor processor, CancellationToken cancellation)
    {
        PixelValues? pixels = null;
        float[] values = [];
        for (int frame = 0; frame < video.Frames.Count; frame++)
        {
            cancellation.ThrowIfCancellationRequested();
            pixels = processor.Process(video.Frames[frame], Aspect);
            Array.Resize(ref values, video.Frames.Count * pixels.Values.Length);
            pixels.Values.CopyTo(values, frame * pixels.Values.Length);
        }

        int perFrame = video.Pool ? TokensPerTile / PoolWindow : TokensPerTile;
        return new VisualSlot(
            pixels! with { Values = values, Tiles = video.Frames.Count },
            new PixelSize(video.Frames[0].Width, video.Frames[0].Height),
            perFrame * video.Frames.Count,
            video);
    }

    private ImageAspect Aspect => Layout == ImageLayout.Plain ? ImageAspect.Plain : ImageAspect.Pad;
}
