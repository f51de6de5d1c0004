using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>A linear layer over finished weights: <c>[..., input]</c> → <c>[..., output]</c>.</summary>
/// <remarks>
/// On a CPU a few rows are multiplied by the kernels, which read the weights as fast as memory gives them; many rows by
/// libtorch, whose product is bound by arithmetic.
/// </remarks>
internal sealed class Linear : nn.Module<Tensor, Tensor>
{
    private readonly LinearWeight _weight;
    private readonly Parameter? _bias;
    private readonly WorkerTeam? _team;

    /// <summary>Reads <c>weight [output, input]</c> and, where there is one, <c>bias [output]</c>.</summary>
    public Linear(WeightScope weights, long input, long output, bool bias)
        : base(nameof(Linear))
    {
        _weight = weights.Matrix("weight", output, input);
        _bias = bias ? weights.Parameter("bias", output) : null;
        _team = weights.Compute.Team;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => _team is not null && TensorRows.AreFew(input)
        ? MultiplyFew(_team, _weight.Matrix!, _bias, input)
        : MultiplyMany(input);

    /// <summary>A product over a few rows on a CPU.</summary>
    internal static Tensor MultiplyFew(WorkerTeam team, IKernelMatrix matrix, Tensor? bias, Tensor input)
    {
        long[] shape = input.shape;
        shape[^1] = matrix.Rows;
        Tensor output = empty(shape, input.dtype, CPU);
        Tensor rows = input.contiguous();
        RowBlock? added = bias is null ? null : TensorRows.Of(bias);
        MatrixProduct.Run(team, matrix, TensorRows.Of(rows), added, TensorRows.Of(output));
        if (!ReferenceEquals(rows, input))
        {
            rows.Dispose();
        }

        return output;
    }

    private Tensor MultiplyMany(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.linear(input, _weight.ToDense(), _bias).MoveToOuterDisposeScope();
    }
}
