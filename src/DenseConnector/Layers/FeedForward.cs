using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>
/// The plain feed-forward block of vision transformers (<c>CLIPMLP</c>): <c>fc2(activation(fc1(x)))</c>.
/// </summary>
internal sealed class FeedForward : nn.Module<Tensor, Tensor>
{
    private readonly Linear _first;
    private readonly Linear _second;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly bool _hasKernels;

    /// <summary>Reads the two projections, both with biases.</summary>
    public FeedForward(WeightScope weights, long hidden, long intermediate, Func<Tensor, Tensor> activation)
        : base(nameof(FeedForward))
    {
        _first = weights.Linear("fc1", hidden, intermediate, bias: true);
        _second = weights.Linear("fc2", intermediate, hidden, bias: true);
        _activation = activation;
        _hasKernels = weights.Compute.Team is not null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor inner = _first.call(input);
        bool inRows = _hasKernels && TensorRows.AreFew(inner);
        return _second.call(inRows ? ActivateRows(inner) : _activation(inner)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Row by row, in place: an operator over all of a few rows would be large enough for libtorch to wake its threads,
    /// which then disturb the kernels' team.
    /// </summary>
    private Tensor ActivateRows(Tensor inner)
    {
        Tensor rows = inner.view(-1, inner.size(-1));
        for (long row = 0; row < rows.size(0); row++)
        {
            Tensor values = rows.narrow(0, row, 1);
            values.copy_(_activation(values));
        }

        return inner;
    }
}
