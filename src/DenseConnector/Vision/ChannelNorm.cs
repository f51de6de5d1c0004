using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>
/// Layer normalisation over the channels of a map (<c>LayerNorm2d</c> of timm): <c>[batch, channels, height, width]</c>
/// → the same.
/// </summary>
internal sealed class ChannelNorm : nn.Module<Tensor, Tensor>
{
    private readonly LayerNorm _norm;

    /// <summary>Reads <c>weight [channels]</c> and <c>bias [channels]</c>.</summary>
    public ChannelNorm(WeightScope weights, long channels)
        : base(nameof(ChannelNorm))
    {
        _norm = new LayerNorm(weights, channels, ConvNextEncoder.NormEpsilon);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        return _norm.call(map.permute(0, 2, 3, 1)) // [batch, height, width, channels]
            .permute(0, 3, 1, 2)
            .MoveToOuterDisposeScope();
    }
}
