using DenseConnector.Loading;
using TorchSharp;

namespace DenseConnector.Cli.Synthesis;

/// <summary>
/// Gives a folder with configuration files random weights, in the form in which real ones are published.
/// </summary>
internal sealed class SyntheticCheckpoint
{
    private readonly string _folder;
    private readonly TensorType _type;
    private readonly long _shardBytes;
    private readonly ulong _seed;
    private readonly Action<long, long> _progress;
    private long _total;
    private long _written;

    /// <summary>Prepares to write.</summary>
    /// <param name="folder">The checkpoint's folder, with its configuration files.</param>
    /// <param name="type">The type the weights are stored in.</param>
    /// <param name="shardBytes">The most bytes of weights in one file, if a tensor is not larger.</param>
    /// <param name="seed">Other seeds give other weights.</param>
    /// <param name="progress">Told the bytes written and the bytes of all.</param>
    public SyntheticCheckpoint(
        string folder, TensorType type, long shardBytes, ulong seed, Action<long, long> progress)
    {
        _folder = folder;
        _type = type;
        _shardBytes = shardBytes;
        _seed = seed;
        _progress = progress;
    }

    /// <summary>Writes tokenizer and weights beside the configuration files.</summary>
    /// <param name="plan">What the configuration files in the folder say.</param>
    /// <param name="known">Shapes that a tower is told of (<see cref="Blueprint.DetailShapes"/>).</param>
    /// <param name="cancellation">Ends it; what is written so far stays, without the file under way.</param>
    /// <returns>The number of weights.</returns>
    /// <exception cref="IOException">The disk is too small.</exception>
    public long Write(
        ModelPlan plan, IReadOnlyDictionary<string, IReadOnlyList<long>> known, CancellationToken cancellation)
    {
        NativeLibraries.EnsureLoaded();
        SyntheticWeights model = new(known);
        SyntheticWeights tower = new(known);
        SyntheticWeights? detail = plan.Auxiliary is null ? null : new(known);
        using ComputeContext nowhere = new(torch.ScalarType.BFloat16, torch.META);
        ModelAssembly assembly = new(plan, nowhere, Quantization.None, cancellation);
        assembly.Assemble(model, tower, detail).Dispose();
        (SyntheticWeights Weights, string Folder)[] parts =
        [
            (model, _folder),
            (tower, plan.TowerFolder),
            .. detail is null ? [] : new[] { (detail, plan.Auxiliary!.TowerFolder!) },
        ];
        _total = parts.Sum(part => part.Weights.Asked.Values.Sum(Bytes));
        ShardedWeights.RequireRoom(_folder, _total);
        SyntheticTokenizer.WriteTo(_folder, plan.Config.Decoder.VocabularySize);
        foreach ((SyntheticWeights weights, string folder) in parts)
        {
            ShardedWeights.Write(
                folder,
                [.. weights.Asked.Select(tensor => (tensor.Key, _type, (IReadOnlyList<long>)tensor.Value))],
                _shardBytes,
                (writer, name) => Append(writer, name, weights.Asked[name], cancellation));
        }

        return _total * 8 / _type.Bits();
    }

    private long Bytes(long[] shape) => SafetensorsWriter.ByteLength(_type, shape);

    private void Append(SafetensorsWriter writer, string name, long[] shape, CancellationToken cancellation)
    {
        byte[] buffer = new byte[4 << 20];
        RandomWeights random = new(name, shape, _type, _seed);
        for (long left = Bytes(shape); left > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, left));
            random.Fill(part);
            writer.Append(part);
            left -= part.Length;
            _written += part.Length;
            _progress(_written, _total);
        }
    }
}
