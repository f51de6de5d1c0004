using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>
/// A place among a model's weights (a name prefix) together with the type and the device its weights get: what a module
/// is built from.
/// </summary>
/// <remarks>
/// A parameter's name, its shape and the module that owns it meet in one call of <see cref="Parameter"/>. Immutable;
/// used by one thread.
/// </remarks>
internal sealed class WeightScope
{
    private readonly WeightSource _source;
    private readonly string _prefix;
    private readonly CancellationToken _cancellation;

    /// <summary>The root of all names, for layers that libtorch computes.</summary>
    public WeightScope(WeightSource source, ScalarType type, Device device, CancellationToken cancellation = default)
        : this(source, new ComputeContext(type, device), cancellation)
    {
    }

    /// <summary>The root of all names.</summary>
    public WeightScope(WeightSource source, ComputeContext compute, CancellationToken cancellation = default)
        : this(source, string.Empty, compute, Quantization.None, false, cancellation)
    {
    }

    private WeightScope(
        WeightSource source,
        string prefix,
        ComputeContext compute,
        Quantization quantization,
        bool isQuantized,
        CancellationToken cancellation)
    {
        _source = source;
        _prefix = prefix;
        _cancellation = cancellation;
        Compute = compute;
        Quantization = quantization;
        IsQuantized = isQuantized;
    }

    /// <summary>Where the model computes, and what its layers share.</summary>
    public ComputeContext Compute { get; }

    /// <summary>The format the matrices of linear layers are kept in.</summary>
    public Quantization Quantization { get; }

    /// <summary>Whether the matrices are stored in that format; else they are rounded as they are read.</summary>
    public bool IsQuantized { get; }

    /// <summary>The type weights are converted to as they are read, and computed in.</summary>
    public ScalarType Type => Compute.Type;

    /// <summary>The device weights are placed on.</summary>
    public Device Device => Compute.Device;

    /// <summary>The scope one or more names deeper; <paramref name="name"/> may hold dots.</summary>
    public WeightScope At(string name) =>
        new(_source, $"{_prefix}{name}.", Compute, Quantization, IsQuantized, _cancellation);

    /// <summary>The scope of one layer of a list.</summary>
    public WeightScope At(int index) => At(index.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The same scope with another format for the matrices of linear layers.</summary>
    /// <param name="quantization">The format.</param>
    /// <param name="isQuantized">Whether they are stored in it.</param>
    public WeightScope With(Quantization quantization, bool isQuantized) =>
        new(_source, _prefix, Compute, quantization, isQuantized, _cancellation);

    /// <summary>Whether there is any tensor in this scope.</summary>
    public bool Any() => _source.Any(_prefix);

    /// <summary>The stored shape of a tensor in this scope, or <c>null</c> if there is none.</summary>
    public IReadOnlyList<long>? ShapeOf(string name) => _source.ShapeOf(_prefix + name);

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
        using Tensor tensor = _source.Read(_prefix + name, shape, Type, Device, _cancellation);
        return new Parameter(tensor, requires_grad: false);
    }

    /// <summary>
    /// Reads a tensor of exactly this type and shape, whatever the model's type is; the module that asks owns it, and
    /// so does the current dispose scope, as with <see cref="Parameter"/>.
    /// </summary>
    public Tensor Buffer(string name, ScalarType type, params ReadOnlySpan<long> shape) =>
        _source.Read(_prefix + name, shape, type, Device, _cancellation);

    /// <summary>Marks what there is under this name as knowingly unused.</summary>
    public void Ignore(string name) => _source.Ignore(_prefix + name);
}
