using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>A matrix in the model's type.</summary>
internal sealed class DenseWeight : LinearWeight
{
    private readonly Parameter _weight;

    /// <summary>Takes over the weights <c>[output, input]</c>.</summary>
    public DenseWeight(Parameter weight)
        : base(nameof(DenseWeight))
    {
        _weight = weight;
        Matrix = MatrixOf(weight);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override long Count => _weight.numel();

    /// <inheritdoc/>
    public override IKernelMatrix? Matrix { get; }

    /// <summary>
    /// A contiguous tensor <c>[rows, columns]</c> as the kernels read it; <c>null</c> where they cannot.
    /// </summary>
    public static IKernelMatrix? MatrixOf(Tensor weight)
    {
        (long rows, long columns) = (weight.shape[0], weight.shape[1]);
        return (weight.device_type, weight.dtype) switch
        {
            (DeviceType.CPU, ScalarType.Float32) => new Float32Matrix(TensorRows.Address(weight), rows, columns),
            (DeviceType.CPU, ScalarType.BFloat16) => new BFloat16Matrix(TensorRows.Address(weight), rows, columns),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> Stored(string name) => [(name, _weight)];

    /// <inheritdoc/>
    public override Tensor ToDense() => _weight;
}
