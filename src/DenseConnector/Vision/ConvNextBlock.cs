using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace DenseConnector.Vision;

/// <summary>
/// One block of a ConvNeXt (<c>ConvNeXtBlock</c> of timm 0.9.16): a 7×7 filter per channel, then a feed-forward over
/// the channels of each position, scaled per channel and added to the input: <c>[batch, channels, height, width]</c> →
/// the same.
/// </summary>
internal sealed class ConvNextBlock : nn.Module<Tensor, Tensor>
{
    /// <summary>The name of the scale per channel, <c>[channels]</c>; it tells a stage's width.</summary>
    public const string LayerScale = "gamma";

    private const int FilterSize = 7;
    private const int Expansion = 4;

    private readonly Parameter _filter;
    private readonly Parameter _filterBias;
    private readonly LayerNorm _norm;
    private readonly FeedForward _feedForward;
    private readonly Parameter _scale;
    private readonly long _channels;

    /// <summary>Reads one block.</summary>
    public ConvNextBlock(WeightScope weights, long channels)
        : base(nameof(ConvNextBlock))
    {
        WeightScope filter = weights.At("conv_dw");
        _filter = filter.Parameter("weight", channels, 1, FilterSize, FilterSize);
        _filterBias = filter.Parameter("bias", channels);
        _norm = weights.LayerNorm("norm", channels, ConvNextEncoder.NormEpsilon);
        _feedForward = new FeedForward(weights.At("mlp"), channels, Expansion * channels, nn.functional.gelu);
        _scale = weights.Parameter(LayerScale, channels);
        _channels = channels;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor filtered = nn.functional.conv2d(
            map, _filter, _filterBias, padding: [FilterSize / 2, FilterSize / 2], groups: _channels);
        Tensor positions = _norm.call(filtered.permute(0, 2, 3, 1)); // [batch, height, width, channels]
        return _feedForward.call(positions).mul_(_scale)
            .permute(0, 3, 1, 2)
            .AddInPlace(map)
            .MoveToOuterDisposeScope();
    }
}
