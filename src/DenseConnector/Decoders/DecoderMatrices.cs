using DenseConnector.Configuration;
using DenseConnector.Layers;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// The matrices of a decoder's linear layers, those that <see cref="Quantization"/> is about, known from its
/// configuration alone.
/// </summary>
/// <remarks>Needs no native library.</remarks>
internal sealed class DecoderMatrices
{
    private readonly (long Rows, long Columns)[] _layer;
    private readonly (long Rows, long Columns)? _head;
    private readonly int _layers;

    /// <summary>Those of the decoder a configuration describes.</summary>
    /// <exception cref="ModelConfigException">The decoder is not supported.</exception>
    public DecoderMatrices(DecoderConfig config)
    {
        long hidden = config.HiddenSize;
        long feedForward = config.IntermediateSize;
        long queries = (long)config.Heads * config.HeadSize;
        long keys = (long)config.KeyValueHeads * config.HeadSize;
        _layer =
        [
            (queries, hidden), (keys, hidden), (keys, hidden), (hidden, queries),
            .. Enumerable.Repeat((feedForward, hidden), DecoderRegistry.Find(config).HasGate ? 2 : 1),
            (hidden, feedForward),
        ];
        _layers = config.Layers;
        _head = config.TieWordEmbeddings ? null : (config.VocabularySize, hidden);
    }

    /// <summary>Weights of all matrices.</summary>
    public long Count => (_layers * _layer.Sum(Size)) + (_head is null ? 0 : Size(_head.Value));

    /// <summary>Weights of the largest matrix of a layer.</summary>
    public long LargestOfLayers => _layer.Max(Size);

    /// <summary>Weights of the largest of all.</summary>
    public long Largest => Math.Max(LargestOfLayers, _head is null ? 0 : Size(_head.Value));

    /// <summary>The most inputs of a matrix.</summary>
    public long MostColumns => _layer.Max(matrix => matrix.Columns);

    /// <summary>Bytes of all matrices in a format.</summary>
    /// <param name="format">The format.</param>
    /// <param name="type">The type the model is computed in.</param>
    public long CountBytes(Quantization format, ScalarType type)
    {
        long layer = _layer.Sum(matrix => LinearWeight.CountBytes(format, matrix.Rows, matrix.Columns, type));
        return (_layers * layer) + (_head is (long rows, long columns)
            ? LinearWeight.CountBytes(LayerLoading.HeadFormat(format), rows, columns, type)
            : 0);
    }

    private static long Size((long Rows, long Columns) matrix) => matrix.Rows * matrix.Columns;
}
