using DenseConnector.Decoders;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Memory;

/// <summary>How many weights a model has, whatever format they are in.</summary>
/// <param name="Vision">Of vision encoder, connector and projector.</param>
/// <param name="Decoder">Of the language model.</param>
internal readonly record struct WeightCount(long Vision, long Decoder)
{
    /// <summary>Those of a model's modules.</summary>
    public static WeightCount Of(ModelParts parts) =>
        new(ModelParts.CountWeights(parts.Visuals), ModelParts.CountWeights(parts.Decoder));

    /// <summary>
    /// Bytes of the language model's weights and tables, its matrices in a format and the rest in the type it is
    /// computed in.
    /// </summary>
    public long DecoderBytes(ModelPlan plan, Quantization format, ScalarType type)
    {
        DecoderMatrices matrices = new(plan.Config.Decoder);
        return ((Decoder - matrices.Count) * type.ElementSize()) + matrices.CountBytes(format, type) +
            RotaryEmbedding.CountBytes(plan.Config.Decoder, type);
    }
}
