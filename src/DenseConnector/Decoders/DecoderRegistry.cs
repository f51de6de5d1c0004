using DenseConnector.Configuration;
using DenseConnector.Loading;

namespace DenseConnector.Decoders;

/// <summary>The decoders by the <c>model_type</c> of <c>config.json</c>.</summary>
internal static class DecoderRegistry
{
    private static readonly DecoderFamily Llama =
        new(HasGate: true, (weights, config) => new LlamaDecoder(weights, config));

    private static readonly DecoderFamily Qwen2 =
        new(HasGate: true, (weights, config) => new LlamaDecoder(weights, config with { QueryKeyValueBias = true }));

    private static readonly DecoderFamily Phi =
        new(HasGate: false, (weights, config) => new PhiDecoder(weights, config));

    private static readonly Dictionary<string, DecoderFamily> Families = new(StringComparer.Ordinal)
    {
        ["llama"] = Llama,
        ["llava"] = Llama,
        ["llava_llama"] = Llama,
        ["llava_mistral"] = Llama,
        ["mgm"] = Llama,
        ["mini_gemini"] = Llama,
        ["llava_phi"] = Phi,
        ["llava_qwen2"] = Qwen2,
    };

    /// <summary>The family a configuration names.</summary>
    /// <exception cref="ModelConfigException">The decoder is not supported.</exception>
    public static DecoderFamily Find(DecoderConfig config) =>
        Families.TryGetValue(config.ModelType, out DecoderFamily? family)
            ? family
            : throw config.Json.Unsupported(
                "model_type", $"'{config.ModelType}'", string.Join(", ", Families.Keys.Select(name => $"'{name}'")));

    /// <summary>Builds the decoder a configuration names.</summary>
    /// <exception cref="ModelConfigException">The decoder is not supported.</exception>
    public static Decoder Create(WeightScope weights, DecoderConfig config) => Find(config).Create(weights, config);
}
