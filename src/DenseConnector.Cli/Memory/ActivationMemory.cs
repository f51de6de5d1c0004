using DenseConnector.Configuration;
using DenseConnector.Generation;
using DenseConnector.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Memory;

/// <summary>
/// What lies between a model's layers at the most, from its configuration: an estimate that was held against measured
/// models.
/// </summary>
internal static class ActivationMemory
{
    // Tensors of some MiB come from the C library's heap, where the gap that one leaves seldom fits the next. Measured
    // were 2 to 3 times what is alive at once.
    private const int HeapFactor = 3;

    // Rows as wide as the stream that are alive at once in a layer: stream, norm, queries, keys, values and what they
    // are rotated by. In its feed-forward block there are two as wide as that.
    private const int Streams = 8, Inner = 2;

    // Mini-Gemini's map joined, cut into cells and normed, its projections, and what is left of it on the way; a little
    // over 5 were measured.
    private const int DetailMaps = 6;

    // Channels of the map that published models have (ConvNeXt-L), where the configuration does not say it.
    private const int DetailWidth = 2880;

    /// <summary>Bytes for a request.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="type">The type it is computed in.</param>
    /// <param name="format">The format the language model's matrices are kept in.</param>
    /// <param name="tokens">Tokens of prompt and answer.</param>
    public static long Of(ModelPlan plan, ScalarType type, Quantization format, int tokens)
    {
        long prompt = Prompt(plan.Config.Decoder, type, tokens) +
            (format == Quantization.None ? 0 : Integers(plan.Config.Decoder, tokens));
        return (HeapFactor * (prompt + Picture(plan, type))) + Detail(plan, type);
    }

    /// <summary>A chunk's widest rows in integers, twice, and their products.</summary>
    private static long Integers(DecoderConfig decoder, int tokens) =>
        Math.Min(ActiveRequest.PrefillChunk, tokens) *
        decoder.IntermediateSize * ((2L * sizeof(sbyte)) + sizeof(int));

    /// <summary>One chunk of a prompt, and the mask of what it may see.</summary>
    private static long Prompt(DecoderConfig decoder, ScalarType type, int tokens)
    {
        long chunk = Math.Min(ActiveRequest.PrefillChunk, tokens);
        long rows = chunk * decoder.Heads / decoder.KeyValueHeads;

        // As booleans and, for libtorch, as numbers.
        long mask = rows * tokens * (sizeof(bool) + type.ElementSize());
        return (chunk * Row(decoder.HiddenSize, decoder.IntermediateSize, type)) + mask;
    }

    /// <summary>The tiles that are looked at together.</summary>
    private static long Picture(ModelPlan plan, ScalarType type)
    {
        VisionConfig vision = plan.Vision;
        int side = vision.ImageSize;
        int tiles = 1 + plan.Config.GridPinpoints
            .Select(size => size.Width / side * (size.Height / side)).DefaultIfEmpty(0).Max();
        return Math.Min(tiles, ActiveRequest.TilesPerStep) * vision.Patches *
            Row(vision.HiddenSize, vision.IntermediateSize, type);
    }

    /// <summary>Mini-Gemini's large picture, whose tensors are beyond what comes from a heap.</summary>
    private static long Detail(ModelPlan plan, ScalarType type)
    {
        if (plan.Auxiliary?.Config is not AuxiliaryVisionConfig detail)
        {
            return 0;
        }

        long side = detail.ImageSize / ConvNextStem.PatchSize;
        return DetailMaps * side * side * (detail.Width ?? DetailWidth) * type.ElementSize();
    }

    private static long Row(long width, long feedForward, ScalarType type) =>
        ((Streams * width) + (Inner * feedForward)) * type.ElementSize();
}
