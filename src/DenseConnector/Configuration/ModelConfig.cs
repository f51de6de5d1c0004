namespace DenseConnector.Configuration;

/// <summary>A checkpoint's <c>config.json</c>, read and checked.</summary>
/// <remarks>Immutable.</remarks>
internal sealed record ModelConfig
{
    /// <summary>The language model.</summary>
    public required DecoderConfig Decoder { get; init; }

    /// <summary>The connector and what it names.</summary>
    public required ConnectorConfig Connector { get; init; }

    /// <summary>The high-resolution tower of Mini-Gemini, or <c>null</c> if the model has none.</summary>
    public AuxiliaryVisionConfig? AuxiliaryVision { get; init; }

    /// <summary>How pictures are laid out.</summary>
    public required ImageLayout ImageLayout { get; init; }

    /// <summary>How the visual tokens of tiles are put in order.</summary>
    public required PatchMerge PatchMerge { get; init; }

    /// <summary>The resolutions AnyRes may choose, width and height in pixels; empty for other layouts.</summary>
    public required IReadOnlyList<(int Width, int Height)> GridPinpoints { get; init; }

    /// <summary>Whether each picture stands between <c>&lt;im_start&gt;</c> and <c>&lt;im_end&gt;</c>.</summary>
    public required bool ImageStartEnd { get; init; }

    /// <summary>
    /// The most tokens a prompt may have, visual tokens included (<c>tokenizer_model_max_length</c>; the official code
    /// cuts the prompt there), or <c>null</c> for no such limit.
    /// </summary>
    public required int? MaxPromptTokens { get; init; }

    /// <summary>The prompt template the configuration names (<c>prompt_template</c>), or <c>null</c>.</summary>
    public required string? PromptTemplate { get; init; }

    /// <summary>
    /// The format the language model's matrices are stored in (<c>quantization_config</c>, as
    /// <c>denseconnector quantize</c> writes it).
    /// </summary>
    public required Quantization Quantization { get; init; }

    /// <summary>
    /// The ids after which the answer ends, from <c>generation_config.json</c> or else <c>config.json</c>.
    /// </summary>
    public required IReadOnlyList<int> EndIds { get; init; }
}
