using DenseConnector.Configuration;
using DenseConnector.Imaging;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace DenseConnector.Multimodal;

/// <summary>
/// Puts the visual tokens of a slot's tiles or frames in the order the language model reads them
/// (<c>prepare_inputs_labels_for_multimodal</c> and <c>unpad_image</c> of the official <c>llava_arch.py</c>):
/// <c>[tiles, tokens, hidden]</c> → <c>[slot tokens, hidden]</c>.
/// </summary>
internal sealed class VisualLayout : nn.Module<Tensor, VisualSlot, Tensor>
{
    private readonly Parameter? _newline;

    /// <summary>Reads <c>image_newline [hidden]</c> where the layout needs it.</summary>
    /// <param name="weights">The scope that holds <c>image_newline</c>.</param>
    /// <param name="geometry">The layout's arithmetic.</param>
    /// <param name="hidden">Width of a visual token.</param>
    public VisualLayout(WeightScope weights, VisualGeometry geometry, long hidden)
        : base(nameof(VisualLayout))
    {
        const string Newline = "image_newline";
        Geometry = geometry;
        if (geometry.HasNewline)
        {
            _newline = weights.Parameter(Newline, hidden);
        }
        else
        {
            weights.Ignore(Newline);
        }

        RegisterComponents();
    }

    /// <summary>The layout's arithmetic.</summary>
    public VisualGeometry Geometry { get; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor features, VisualSlot slot)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor arranged = slot.Video is not null ? ArrangeFrames(features, slot.Video.Pool)
            : Geometry.Layout != ImageLayout.AnyRes || Geometry.Merge == PatchMerge.Flat ? features.flatten(0, 1)
            : features.shape[0] == 1 ? WithNewline(features[0])
            : ArrangeTiles(features, slot.Size);
        return arranged.MoveToOuterDisposeScope();
    }

    private static Tensor ArrangeFrames(Tensor features, bool pool)
    {
        if (pool)
        {
            long pairs = features.shape[1] / VisualGeometry.PoolWindow;
            features = features.narrow(1, 0, pairs * VisualGeometry.PoolWindow)
                .reshape(features.shape[0], pairs, VisualGeometry.PoolWindow, features.shape[2])
                .amax([2]); // [frames, pairs, hidden]
        }

        return features.flatten(0, 1);
    }

    /// <summary>The whole picture's tokens, then the tiles' as one map, row by row.</summary>
    private Tensor ArrangeTiles(Tensor features, PixelSize picture)
    {
        AnyResGrid grid = Geometry.Grid(picture);
        int side = Geometry.PatchesPerSide;
        long hidden = features.shape[2];
        Tensor whole = features[0];
        Tensor map = features.narrow(0, 1, grid.Tiles)
            .reshape(grid.Rows, grid.Columns, side, side, hidden)
            .permute(0, 2, 1, 3, 4)
            .reshape(grid.Rows * side, grid.Columns * side, hidden); // [map rows, map columns, hidden]
        if (_newline is null)
        {
            return cat([whole, map.flatten(0, 1)], 0);
        }

        PixelWindow seen = grid.Unpad(picture, side);
        map = map.narrow(0, seen.Top, seen.Height).narrow(1, seen.Left, seen.Width);
        Tensor newlines = _newline.expand(seen.Height, 1, hidden);
        return cat([whole, cat([map, newlines], 1).flatten(0, 1)], 0);
    }

    private Tensor WithNewline(Tensor tokens) =>
        _newline is null ? tokens.alias() : cat([tokens, _newline.unsqueeze(0)], 0);
}
