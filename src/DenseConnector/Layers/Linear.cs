using DenseConnector.Loading;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>A linear layer over finished weights: <c>[..., input]</c> → <c>[..., output]</c>.</summary>
internal sealed class Linear : nn.Module<Tensor, Tensor>
{
    private readonly Parameter _weight;
    private readonly Parameter? _bias;

    /// <summary>Reads <c>weight [output, input]</c> and, where there is one, <c>bias [output]</c>.</summary>
    public Linear(WeightScope weights, long input, long output, bool bias)
        : base(nameof(Linear))
    {
        _weight = weights.Parameter("weight", output, input);
        _bias = bias ? weights.Parameter("bias", output) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.linear(input, _weight, _bias);
}
