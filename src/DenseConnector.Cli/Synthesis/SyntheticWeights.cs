using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Synthesis;

/// <summary>
/// Random weights for any model: each tensor asked for is made on the spot, and its name and shape are kept.
/// </summary>
/// <remarks>
/// Matrices get values whose products keep the size of what goes in, norms are one, biases zero: numbers stay in the
/// range of a trained model, and the answers are nonsense. The same tensor gets the same values every time.
/// </remarks>
/// <param name="known">
/// Shapes a module may ask for before it reads a tensor (<see cref="WeightSource.ShapeOf"/>).
/// </param>
/// <param name="seed">Other seeds give other weights.</param>
internal sealed class SyntheticWeights(IReadOnlyDictionary<string, IReadOnlyList<long>> known, ulong seed = 0)
    : WeightSource
{
    private readonly Dictionary<string, long[]> _asked = new(StringComparer.Ordinal);

    /// <summary>The tensors asked for so far, by name.</summary>
    public IReadOnlyDictionary<string, long[]> Asked => _asked;

    /// <inheritdoc/>
    public override unsafe Tensor Read(
        string name, ReadOnlySpan<long> shape, ScalarType type, Device device, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _asked[name] = shape.ToArray();
        Tensor weight = HugePages.Empty(shape, type, device);
        if (device.type == TorchSharp.DeviceType.META)
        {
            return weight;
        }

        TensorType stored = type switch
        {
            ScalarType.BFloat16 => TensorType.BF16,
            ScalarType.Float16 => TensorType.F16,
            _ => TensorType.F32,
        };
        long length = SafetensorsWriter.ByteLength(stored, shape.ToArray());
        using Tensor flat = weight.view(-1);
        using Tensor first = flat.narrow(0, 0, 1);
        fixed (byte* address = first.bytes)
        {
            RandomWeights random = new(name, shape, stored, seed);
            const int Chunk = 1 << 26;
            for (long start = 0; start < length; start += Chunk)
            {
                random.Fill(new Span<byte>(address + start, (int)Math.Min(Chunk, length - start)));
            }
        }

        return weight;
    }

    /// <inheritdoc/>
    public override void Ignore(string prefix)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<long>? ShapeOf(string name) => known.GetValueOrDefault(name);

    /// <inheritdoc/>
    public override bool Any(string prefix) =>
        known.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));
}
