using DenseConnector.Configuration;
using DenseConnector.Loading;

namespace DenseConnector.Decoders;

/// <summary>The decoders by the <c>model_type</c> of <c>config.json</c>.</summary>
internal static class DecoderRegistry
{
    private static readonly Dictionary<string, Func<WeightScope, DecoderConfig, Decoder>> Decoders =
        new(StringComparer.Ordinal)
        {
            ["llama"] = (weights, config) => new LlamaDecoder(weights, config),
            ["llava"] = (weights, config) => new LlamaDecoder(weights, config),
            ["llava_llama"] = (weights, config) => new LlamaDecoder(weights, config),
            ["llava_mistral"] = (weights, config) => new LlamaDecoder(weights, config),
            ["mgm"] = (weights, config) => new LlamaDecoder(weights, config),
            ["mini_gemini"] = (weights, config) => new LlamaDecoder(weights, config),
            ["llava_phi"] = (weights, config) => new PhiDecoder(weights, config),
            ["llava_qwen2"] = (weights, config) => new LlamaDecoder(weights, config with { QueryKeyValueBias = true }),
        };

    /// <summary>Builds the decoder a configuration names.</summary>
    /// <exception cref="ModelConfigException">The decoder is not supported.</exception>
    public static Decoder Create(WeightScope weights, DecoderConfig config) =>
        Decoders.TryGetValue(config.ModelType, out Func<WeightScope, DecoderConfig, Decoder>? create)
            ? create(weights, config)
            : throw config.Json.Unsupported(
                "model_type", $"'{config.ModelType}'", string.Join(", ", Decoders.Keys.Select(name => $"'{name}'")));
}
