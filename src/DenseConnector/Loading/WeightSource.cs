using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>
/// Where a model's weights come from, by the names the modules ask for: the files of a checkpoint, or a generator.
/// </summary>
/// <remarks>Used by one thread.</remarks>
internal abstract class WeightSource
{
    /// <summary>
    /// Gives a tensor that outlives the source: <c>shape</c> → the same shape, of <paramref name="type"/>, on
    /// <paramref name="device"/>. It may lie over read-only memory: nobody writes to it.
    /// </summary>
    public abstract Tensor Read(
        string name, ReadOnlySpan<long> shape, ScalarType type, Device device, CancellationToken cancellation);

    /// <summary>
    /// Marks every tensor whose name is <paramref name="prefix"/> or starts with <c>prefix.</c> as knowingly unused.
    /// </summary>
    public abstract void Ignore(string prefix);

    /// <summary>The shape of a tensor, or <c>null</c> if there is none of that name.</summary>
    public abstract IReadOnlyList<long>? ShapeOf(string name);

    /// <summary>Whether any tensor's name starts so.</summary>
    public abstract bool Any(string prefix);
}
