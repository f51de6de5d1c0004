using DenseConnector.Connectors;

namespace DenseConnector.Vision;

/// <summary>The vision encoders by the <c>model_type</c> of the tower's configuration.</summary>
internal static class VisionRegistry
{
    private static readonly VisionFamily Clip = new(
        EncoderLayers.Clip,

        // hidden_states of transformers holds the embedding output and every layer's output.
        (config, select) => select < 0 ? config.Layers + 1 + select : select,
        (weights, config, ranges, last) => new ClipVisionEncoder(weights, config, ranges, last));

    private static readonly VisionFamily Siglip = new(
        EncoderLayers.Siglip,

        // The official tower drops its last layer and reads the end of what is left, whatever the configuration says.
        (config, _) => config.Layers - 1,
        (weights, config, ranges, last) => new SiglipVisionEncoder(weights, config, ranges, last));

    private static readonly Dictionary<string, VisionFamily> Families = new(StringComparer.Ordinal)
    {
        ["clip"] = Clip,
        ["clip_vision_model"] = Clip,
        ["siglip"] = Siglip,
        ["siglip_vision_model"] = Siglip,
    };

    /// <summary>The names that <see cref="Find"/> knows.</summary>
    public static IEnumerable<string> Names => Families.Keys;

    /// <summary>The family of a model type, or <c>null</c> if it is not known.</summary>
    public static VisionFamily? Find(string modelType) => Families.GetValueOrDefault(modelType);
}
