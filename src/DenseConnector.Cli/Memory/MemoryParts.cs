namespace DenseConnector.Cli.Memory;

/// <summary>What the memory of a running model is taken by, in bytes.</summary>
/// <param name="Runtime">The code of libtorch and .NET, their threads, and the tokenizer.</param>
/// <param name="VisionWeights">Vision encoder, connector and projector.</param>
/// <param name="DecoderWeights">The language model in the format its matrices are kept in.</param>
/// <param name="Loading">What a load takes beside the weights at its worst moment.</param>
/// <param name="Dequantization">Room for the largest matrix in the type it is computed in.</param>
/// <param name="KeyValueCache">Keys and values of one request.</param>
/// <param name="Activations">What is between the layers while a picture and a part of a prompt are read.</param>
internal sealed record MemoryParts(
    long Runtime,
    long VisionWeights,
    long DecoderWeights,
    long Loading,
    long Dequantization,
    long KeyValueCache,
    long Activations)
{
    /// <summary>The most that is taken while the model is loaded.</summary>
    public long LoadingPeak() => Runtime + VisionWeights + DecoderWeights + Loading;

    /// <summary>The most that is taken while a request is worked on.</summary>
    public long RunningPeak() =>
        Runtime + VisionWeights + DecoderWeights + Dequantization + KeyValueCache + Activations;
}
