using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>
/// A place in a checkpoint (a name prefix) together with the type and the device its weights get: what a module is
/// built from.
/// </summary>
/// <remarks>
/// A parameter's name, its shape and the module that owns it meet in one call of <see cref="Parameter"/>. Immutable;
/// used by one thread.
/// </remarks>
internal sealed class WeightScope
{
    private readonly Checkpoint _checkpoint;
    private readonly string _prefix;
    private readonly CancellationToken _cancellation;

    /// <summary>The root of a checkpoint.</summary>
    public WeightScope(Checkpoint checkpoint, ScalarType type, Device device, CancellationToken cancellation = default)
        : this(checkpoint, string.Empty, type, device, cancellation)
    {
    }

    private WeightScope(
        Checkpoint checkpoint, string prefix, ScalarType type, Device device, CancellationToken cancellation)
    {
        _checkpoint = checkpoint;
        _prefix = prefix;
        _cancellation = cancellation;
        Type = type;
        Device = device;
    }

    /// <summary>The type weights are converted to as they are read, and computed in.</summary>
    public ScalarType Type { get; }

    /// <summary>The device weights are placed on.</summary>
    public Device Device { get; }

    /// <summary>The scope one or more names deeper; <paramref name="name"/> may hold dots.</summary>
    public WeightScope At(string name) => new(_checkpoint, $"{_prefix}{name}.", Type, Device, _cancellation);

    /// <summary>The scope of one layer of a list.</summary>
    public WeightScope At(int index) => new(_checkpoint, $"{_prefix}{index}.", Type, Device, _cancellation);

    /// <summary>Whether the checkpoint has any tensor in this scope.</summary>
    public bool Any() => _checkpoint.Tensors.Keys.Any(name => name.StartsWith(_prefix, StringComparison.Ordinal));

    /// <summary>The stored shape of a tensor in this scope, or <c>null</c> if the checkpoint has none.</summary>
    public IReadOnlyList<long>? ShapeOf(string name) =>
        _checkpoint.Tensors.TryGetValue(_prefix + name, out TensorLocation location) ? location.Entry.Shape : null;

    /// <summary>
    /// Reads a tensor of exactly this shape as a parameter without gradient; the module that asks owns it.
    /// </summary>
    /// <remarks>
    /// It also belongs to the current dispose scope: whoever builds a whole model detaches its weights in the end, so
    /// that a load that ends early leaves none behind.
    /// </remarks>
    public Parameter Parameter(string name, params ReadOnlySpan<long> shape)
    {
        // The parameter shares the tensor's storage and outlives it.
        using Tensor tensor = _checkpoint.Read(_prefix + name, shape, Type, Device, _cancellation);
        return new Parameter(tensor, requires_grad: false);
    }

    /// <summary>Marks what the checkpoint has under this name as knowingly unused.</summary>
    public void Ignore(string name) => _checkpoint.Ignore(_prefix + name);
}
