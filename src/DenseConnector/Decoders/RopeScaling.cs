using DenseConnector.Configuration;

namespace DenseConnector.Decoders;

/// <summary>
/// How <c>rope_scaling</c> of a configuration (newer: <c>rope_parameters</c>) changes the rotary frequencies for longer
/// texts.
/// </summary>
/// <param name="PositionDivisor">What every position is divided by (<c>linear</c>).</param>
/// <param name="Scale">The changed frequencies from the plain ones.</param>
internal sealed record RopeScaling(double PositionDivisor, Func<float[], float[]> Scale)
{
    private const string Key = "rope_scaling";

    /// <summary>Reads a decoder's scaling, or gives <c>null</c> where there is none.</summary>
    /// <exception cref="ModelConfigException">The kind of scaling is not supported.</exception>
    public static RopeScaling? Read(DecoderConfig config)
    {
        if ((config.Json.Object(Key) ?? config.Json.Object(ConfigReader.RopeKey)) is not ConfigJson json)
        {
            return null;
        }

        string? kind = json.String("rope_type") ?? json.String("type");
        return kind switch
        {
            "default" => null,
            "linear" => new RopeScaling(json.Double("factor"), frequencies => frequencies),
            "llama3" => new RopeScaling(1, Llama3(json, config)),
            _ => throw config.Json.Unsupported(Key, $"of type '{kind}'", "'linear', 'llama3' and 'default'"),
        };
    }

    /// <summary>
    /// Llama 3.1's scaling (<c>_compute_llama3_parameters</c> of transformers): long wavelengths are stretched by the
    /// factor, short ones kept, those between blended.
    /// </summary>
    private static Func<float[], float[]> Llama3(ConfigJson json, DecoderConfig config)
    {
        double factor = json.Double("factor");
        double low = json.Double("low_freq_factor");
        double high = json.Double("high_freq_factor");
        double context = json.PositiveInt("original_max_position_embeddings", config.MaxPositions);
        return frequencies => [.. frequencies.Select(frequency =>
        {
            double wavelength = 2 * Math.PI / frequency;
            if (wavelength < context / high)
            {
                return frequency;
            }

            if (wavelength > context / low)
            {
                return (float)(frequency / factor);
            }

            double blend = ((context / wavelength) - low) / (high - low);
            return (float)(((1 - blend) * frequency / factor) + (blend * frequency));
        })];
    }
}
