using DenseConnector.Kernels;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>Adds what a block computed to the stream it read: in place of the block's output.</summary>
internal sealed class ResidualSum : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly WorkerTeam? _team;

    /// <summary>Prepares sums of a model that computes there.</summary>
    public ResidualSum(ComputeContext compute)
        : base(nameof(ResidualSum))
    {
        _team = compute.Team;
    }

    /// <summary>
    /// The block's output <c>[..., width]</c>, which becomes the sum, and the stream, of the same shape.
    /// </summary>
    public override Tensor forward(Tensor output, Tensor stream)
    {
        if (_team is not null && TensorRows.AreFew(output))
        {
            RowOperations.AddTo(_team, TensorRows.Of(output), TensorRows.Of(stream));
            return output;
        }

        return output.AddInPlace(stream);
    }
}
