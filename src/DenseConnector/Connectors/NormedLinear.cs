using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Connectors;

/// <summary>
/// A norm and a linear layer with a bias, as patch info mining projects its inputs: <c>[..., input]</c> →
/// <c>[..., output]</c>.
/// </summary>
internal sealed class NormedLinear : nn.Module<Tensor, Tensor>
{
    // The default of torch.nn.LayerNorm.
    private const double Epsilon = 1e-5;

    private readonly LayerNorm _norm;
    private readonly Linear _linear;

    /// <summary>Reads the norm (<c>0</c>) and the linear layer (<c>1</c>).</summary>
    public NormedLinear(WeightScope weights, long input, long output)
        : base(nameof(NormedLinear))
    {
        _norm = new LayerNorm(weights.At(0), input, Epsilon);
        _linear = new Linear(weights.At(1), input, output, bias: true);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return _linear.call(_norm.call(input)).MoveToOuterDisposeScope();
    }
}
