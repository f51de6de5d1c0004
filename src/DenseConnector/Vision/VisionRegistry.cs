using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Loading;

namespace DenseConnector.Vision;

/// <summary>The vision encoders by the <c>model_type</c> of the tower's configuration.</summary>
internal static class VisionRegistry
{
    private static readonly Dictionary<string, VisionFamily> Families = new(StringComparer.Ordinal)
    {
        ["clip"] = new(EncoderLayers.Clip, (weights, config, ranges, last) =>
            new ClipVisionEncoder(weights, config, ranges, last)),
        ["clip_vision_model"] = new(EncoderLayers.Clip, (weights, config, ranges, last) =>
            new ClipVisionEncoder(weights, config, ranges, last)),
    };

    /// <summary>
    /// Makes an encoder: the scope of <c>vision_model</c>, the tower, the ranges, the last feature's state.
    /// </summary>
    public delegate VisionEncoder Factory(
        WeightScope weights, VisionConfig config, IReadOnlyList<LayerRange> ranges, int last);

    /// <summary>The names that <see cref="Find"/> knows.</summary>
    public static IEnumerable<string> Names => Families.Keys;

    /// <summary>The family of a model type, or <c>null</c> if it is not known.</summary>
    public static VisionFamily? Find(string modelType) => Families.GetValueOrDefault(modelType);

    /// <summary>What is known of one kind of tower.</summary>
    /// <param name="Layers">Which hidden states the connectors use.</param>
    /// <param name="Create">Makes the encoder.</param>
    public sealed record VisionFamily(EncoderLayers Layers, Factory Create);
}
