using DenseConnector.Kernels;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>Adds what a block computed to the stream it read: in place of the block's output.</summary>
internal sealed class ResidualSum : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly bool _hasKernels;

    /// <summary>Prepares sums of a model that computes there.</summary>
    public ResidualSum(ComputeContext compute)
        : base(nameof(ResidualSum))
    {
        _hasKernels = compute.Team is not null;
    }

    /// <summary>
    /// The block's output <c>[..., width]</c>, which becomes the sum, and the stream, of the same shape.
    /// </summary>
    public override Tensor forward(Tensor output, Tensor stream)
    {
        if (_hasKernels && TensorRows.AreFew(output))
        {
            RowOperations.AddTo(TensorRows.Of(output), TensorRows.Of(stream));
            return output;
        }

        return output.AddInPlace(stream);
    }
}
