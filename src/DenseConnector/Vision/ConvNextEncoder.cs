using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>
/// The high-resolution tower of Mini-Gemini (<c>OpenCLIPVisionTower</c> of its <c>openclip_encoder.py</c>): the trunk
/// of OpenCLIP's ConvNeXt-L, whose four stages are brought to the first one's size and joined.
/// </summary>
/// <remarks>
/// <c>[batch, 3, height, width]</c> → <c>[batch, sum of the stages' channels, height / 4, width / 4]</c>. Trunk: timm
/// 0.9.16, arXiv 2201.03545; its head is not used.
/// </remarks>
internal sealed class ConvNextEncoder : nn.Module<Tensor, Tensor>
{
    /// <summary>The epsilon of every norm: timm's for the sizes Base and Large.</summary>
    public const double NormEpsilon = 1e-6;

    private readonly ConvNextStem _stem;
    private readonly TorchSharp.Modules.ModuleList<ConvNextStage> _stages = new();

    /// <summary>Reads the trunk.</summary>
    /// <param name="stem">The scope of the stem.</param>
    /// <param name="stages">The scope of the list of stages.</param>
    /// <param name="shape">Widths and depths of the stages.</param>
    public ConvNextEncoder(WeightScope stem, WeightScope stages, ConvNextShape shape)
        : base(nameof(ConvNextEncoder))
    {
        Width = shape.TotalWidth;
        _stem = new ConvNextStem(stem, shape.Widths[0]);
        for (int stage = 0; stage < shape.Widths.Count; stage++)
        {
            long? before = stage == 0 ? null : shape.Widths[stage - 1];
            _stages.Add(new ConvNextStage(stages.At(stage), before, shape.Widths[stage], shape.Depths[stage]));
        }

        RegisterComponents();
    }

    /// <summary>Channels of the joined map.</summary>
    public long Width { get; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> maps = [];
        Tensor hidden = _stem.call(pixels);
        foreach (ConvNextStage stage in _stages)
        {
            hidden = stage.call(hidden);
            maps.Add(maps.Count == 0 ? hidden : Enlarge(hidden, maps[0].shape[2..]));
        }

        return cat(maps, 1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Bilinear, computed in float32 whatever the map's type, as the reference does:
    /// <c>[batch, channels, height, width]</c> → <c>[batch, channels, size[0], size[1]]</c>.
    /// </summary>
    private static Tensor Enlarge(Tensor map, long[] size)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional
            .interpolate(map.to(ScalarType.Float32), size, mode: InterpolationMode.Bilinear, align_corners: false)
            .to(map.dtype)
            .MoveToOuterDisposeScope();
    }
}
