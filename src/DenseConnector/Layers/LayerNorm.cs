using DenseConnector.Loading;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>Layer normalisation over the last axis, with scale and shift: <c>[..., width]</c> → the same.</summary>
internal sealed class LayerNorm : nn.Module<Tensor, Tensor>
{
    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly long[] _width;
    private readonly double _epsilon;

    /// <summary>Reads <c>weight [width]</c> and <c>bias [width]</c>.</summary>
    public LayerNorm(WeightScope weights, long width, double epsilon)
        : base(nameof(LayerNorm))
    {
        _weight = weights.Parameter("weight", width);
        _bias = weights.Parameter("bias", width);
        _width = [width];
        _epsilon = epsilon;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) =>
        nn.functional.layer_norm(input, _width, _weight, _bias, _epsilon);
}
