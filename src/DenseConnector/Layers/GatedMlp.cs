using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>The gated feed-forward block of Llama (<c>LlamaMLP</c>): <c>down(silu(gate(x)) · up(x))</c>.</summary>
internal sealed class GatedMlp : nn.Module<Tensor, Tensor>
{
    private readonly Linear _gate;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly WorkerTeam? _team;

    /// <summary>Reads the three projections, none of which has a bias.</summary>
    public GatedMlp(WeightScope weights, long hidden, long intermediate)
        : base(nameof(GatedMlp))
    {
        _gate = weights.Linear("gate_proj", hidden, intermediate, bias: false);
        _up = weights.Linear("up_proj", hidden, intermediate, bias: false);
        _down = weights.Linear("down_proj", intermediate, hidden, bias: false);
        _team = weights.Compute.Team;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] projected = Linear.Call(input, _gate, _up);
        (Tensor gate, Tensor up) = (projected[0], projected[1]);
        if (_team is not null && TensorRows.AreFew(gate))
        {
            RowOperations.GateProduct(_team, TensorRows.Of(gate), TensorRows.Of(up));
        }
        else
        {
            gate = nn.functional.silu(gate, inplace: true).mul_(up);
        }

        return _down.call(gate).MoveToOuterDisposeScope();
    }
}
