using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>
/// Root-mean-square normalisation over the last axis (<c>LlamaRMSNorm</c> of transformers): <c>[..., width]</c> → the
/// same.
/// </summary>
internal sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    private readonly Parameter _weight;
    private readonly double _epsilon;
    private readonly WorkerTeam? _team;

    /// <summary>Reads <c>weight [width]</c>.</summary>
    public RmsNorm(WeightScope weights, long width, double epsilon)
        : base(nameof(RmsNorm))
    {
        _weight = weights.Parameter("weight", width);
        _epsilon = epsilon;
        _team = weights.Compute.Team;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (_team is not null && TensorRows.AreFew(input))
        {
            return NormFew(_team, input);
        }

        // The mean is taken in float32 whatever the model's type, and the scale applied in the model's type, as the
        // reference does.
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = input.to(ScalarType.Float32);
        Tensor inverse = (wide * wide).mean([-1], keepdim: true).AddInPlace(_epsilon).rsqrt_();
        return (wide * inverse).to(input.dtype).mul(_weight).MoveToOuterDisposeScope();
    }

    private Tensor NormFew(WorkerTeam team, Tensor input)
    {
        using Tensor rows = input.contiguous();
        Tensor output = TensorRows.Empty(rows, rows.size(-1));
        RowOperations.RmsNorm(
            team, TensorRows.Of(rows), TensorRows.Of(_weight), (float)_epsilon, TensorRows.Of(output));
        return output;
    }
}
