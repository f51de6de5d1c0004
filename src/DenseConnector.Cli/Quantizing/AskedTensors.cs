using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Quantizing;

/// <summary>Notes which tensors a model asks for, and reads none of them.</summary>
/// <param name="source">Knows the shapes that a module asks for before it reads a tensor.</param>
internal sealed class AskedTensors(WeightSource source) : WeightSource
{
    private readonly List<(string Name, TensorType Type, IReadOnlyList<long> Shape)> _all = [];

    /// <summary>The tensors asked for so far, in order.</summary>
    public IReadOnlyList<(string Name, TensorType Type, IReadOnlyList<long> Shape)> All => _all;

    /// <inheritdoc/>
    public override Tensor Read(
        string name, ReadOnlySpan<long> shape, ScalarType type, Device device, CancellationToken cancellation)
    {
        TensorType stored = type switch
        {
            ScalarType.Byte => TensorType.U8,
            ScalarType.Int8 => TensorType.I8,
            ScalarType.BFloat16 => TensorType.BF16,
            ScalarType.Float32 => TensorType.F32,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No type of a quantised model."),
        };
        _all.Add((name, stored, shape.ToArray()));
        return empty(shape, type, device);
    }

    /// <inheritdoc/>
    public override void Ignore(string prefix)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<long>? ShapeOf(string name) => source.ShapeOf(name);

    /// <inheritdoc/>
    public override bool Any(string prefix) => source.Any(prefix);
}
