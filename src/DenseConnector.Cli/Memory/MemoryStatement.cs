using DenseConnector.Configuration;
using DenseConnector.Decoders;
using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using static System.FormattableString;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Memory;

/// <summary>
/// The resident memory that running a model on a CPU takes at the most, one request at a time: stated before anything
/// is loaded.
/// </summary>
/// <param name="Precision">The number format it is computed in.</param>
/// <param name="Quantization">The format the language model's matrices are kept in.</param>
/// <param name="Tokens">Tokens of the request, prompt and answer.</param>
/// <param name="Parts">What the memory is taken by.</param>
/// <param name="MappedBytes">
/// Of the weights, what are pages of the model's files: the system can take them back and read them again.
/// </param>
/// <param name="KeptBytes">
/// What keys and values of past texts and the visual tokens of past pictures may take beside that, in the end.
/// </param>
/// <param name="AvailableBytes">What this machine has left.</param>
internal sealed record MemoryStatement(
    Precision Precision,
    Quantization Quantization,
    int Tokens,
    MemoryParts Parts,
    long MappedBytes,
    long KeptBytes,
    long AvailableBytes)
{
    // Measured on Linux x64: 120 MB of code, the rest heaps and threads.
    private const long Runtime = 224 << 20;

    // Measured with the vocabularies of Llama 2, Llama 3 and Phi-2: 400 to 600 bytes for each token.
    private const long TokenizerEntry = 640;

    /// <summary>The most of it that is taken at once: while the model is loaded, or while it answers.</summary>
    public long PeakBytes => Math.Max(Parts.LoadingPeak(), Parts.RunningPeak());

    /// <summary>Whether this machine has as much left.</summary>
    public bool Fits => PeakBytes <= AvailableBytes;

    /// <summary>The tokens that are stated for if nothing is said: one long request, if the model reads it.</summary>
    public static int DefaultTokens(ModelPlan plan) => Math.Min(plan.Config.Decoder.MaxPositions, 4096);

    /// <summary>States what a model takes.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="weights">How many weights it has.</param>
    /// <param name="type">The type it is computed in.</param>
    /// <param name="options">Quantisation, base model, caches.</param>
    /// <param name="tokens">Tokens of a request, prompt and answer.</param>
    public static MemoryStatement Of(
        ModelPlan plan, WeightCount weights, ScalarType type, ModelOptions options, int tokens)
    {
        DecoderConfig decoder = plan.Config.Decoder;
        Quantization format = plan.KeptIn(options.Quantization);
        bool isRounded = format != plan.Config.Quantization;
        DecoderMatrices matrices = new(decoder);
        MemoryParts parts = new(
            Runtime + (TokenizerEntry * decoder.VocabularySize),
            weights.Vision * type.ElementSize(),
            weights.DecoderBytes(plan, format, type),
            Checkpoint.StagingBytes(matrices.Largest) + (isRounded ? Rounding(matrices, type) : 0) +
                (plan.BaseModel is null ? 0 : sizeof(float) * matrices.Largest),
            format == Quantization.None ? 0 : matrices.LargestOfLayers * type.ElementSize(),
            KeyValueCache.CountBytes(decoder, tokens, type),
            ActivationMemory.Of(plan, type, format, tokens));
        long keptTexts = Math.Max(0, options.PrefixCacheBytes - parts.KeyValueCache);
        return new MemoryStatement(
            ModelBuilder.PrecisionOf(type),
            format,
            tokens,
            parts,
            MappedBytes: 0,
            keptTexts + options.VisualCacheBytes,
            MachineMemory.Available);
    }

    /// <summary>What people read of it: labels and texts.</summary>
    public IEnumerable<(string Label, string Text)> Describe()
    {
        string format = Quantization == Quantization.None ? $"{Precision}" : $"{Quantization}";
        yield return ("memory", Invariant($"{ByteSize.Of(PeakBytes)} for one request of {Tokens:N0} tokens, in ") +
            $"{format.ToLowerInvariant()} on a CPU; {ByteSize.Of(AvailableBytes)} are available: " +
            (Fits ? "fits" : "does not fit"));
        (string Name, long Bytes)[] parts =
        [
            ("vision", Parts.VisionWeights),
            ("language model", Parts.DecoderWeights),
            ("dequantisation", Parts.Dequantization),
            ("keys and values", Parts.KeyValueCache),
            ("activations", Parts.Activations),
            ("libtorch and .NET", Parts.Runtime),
        ];
        yield return ("memory parts", string.Join(
            ", ", parts.Where(part => part.Bytes > 0).Select(part => $"{part.Name} {ByteSize.Of(part.Bytes)}")));
        yield return ("memory at load", ByteSize.Of(Parts.LoadingPeak() - MappedBytes));
        if (MappedBytes > 0)
        {
            yield return ("memory mapped",
                $"{ByteSize.Of(MappedBytes)} of it are pages of the model's files, which the system can take back");
        }

        yield return ("memory kept", $"up to {ByteSize.Of(KeptBytes)} more for past texts and pictures");
    }

    /// <summary>The matrix that is rounded, and a few of its rows for each thread.</summary>
    private static long Rounding(DecoderMatrices matrices, ScalarType type) =>
        (matrices.Largest * type.ElementSize()) +
        (sizeof(float) * Environment.ProcessorCount * Int4Matrix.Block * matrices.MostColumns);
}
