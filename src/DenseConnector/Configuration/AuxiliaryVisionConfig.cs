namespace DenseConnector.Configuration;

/// <summary>The high-resolution tower of Mini-Gemini, as a checkpoint's <c>config.json</c> says it.</summary>
/// <remarks>The keys only Mini-Gemini has stand here. Immutable.</remarks>
internal sealed record AuxiliaryVisionConfig
{
    /// <summary>The key that names the tower; a model has a high-resolution tower if it has this key.</summary>
    public const string TowerKey = "mm_vision_tower_aux";

    /// <summary>The key of the side of the picture.</summary>
    public const string ImageSizeKey = "image_size_aux";

    /// <summary>The key of the width of the tower's map.</summary>
    public const string WidthKey = "mm_hidden_size_aux";

    /// <summary>The file that describes a tower in OpenCLIP's form.</summary>
    public const string TowerFile = "open_clip_config.json";

    // A picture of this side takes 200 MB as floats; published models read 768.
    private const int LargestImage = 4096;

    /// <summary>
    /// The tower as the configuration names it, for example <c>model_zoo/OpenAI/openclip-convnext-…</c>.
    /// </summary>
    public required string Tower { get; init; }

    /// <summary>Side of the square picture the tower reads, in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Channels of the tower's map, as the configuration says it; checked against the weights.</summary>
    public required int? Width { get; init; }

    /// <summary>Reads the keys of Mini-Gemini, or gives <c>null</c> if the model is none.</summary>
    /// <exception cref="ModelConfigException">
    /// The model cuts its pictures into a grid, as the HD models do, or a value is malformed.
    /// </exception>
    public static AuxiliaryVisionConfig? Read(ConfigJson json)
    {
        if (json.String(TowerKey) is not string tower)
        {
            return null;
        }

        int grid = json.PositiveInt("image_grid", 1);
        if (grid != 1)
        {
            throw json.Unsupported("image_grid", $"{grid}", "models without a grid of pictures (1)");
        }

        if (json.Bool("image_global", false))
        {
            throw json.Unsupported("image_global", "true", "models without a grid of pictures (false)");
        }

        // The official loader takes 320 if nothing is said.
        int side = json.PositiveInt(ImageSizeKey, 320);
        return side <= LargestImage
            ? new AuxiliaryVisionConfig
            {
                Tower = tower,
                ImageSize = side,
                Width = json.Has(WidthKey) ? json.PositiveInt(WidthKey) : null,
            }
            : throw json.Unsupported(ImageSizeKey, $"{side}", $"sizes up to {LargestImage}");
    }

    /// <summary>Checks that a tower's folder describes a ConvNeXt of a supported size.</summary>
    /// <exception cref="ModelConfigException">
    /// <c>open_clip_config.json</c> is missing, malformed, or another network's.
    /// </exception>
    public static void RequireConvNext(string folder)
    {
        const string Key = "timm_model_name";
        ConfigJson json = ConfigJson.Load(Path.Combine(folder, TowerFile));
        ConfigJson vision = json.Object("model_cfg")?.Object("vision_cfg") ?? throw json.Unsupported(
            "model_cfg.vision_cfg", "missing", "ConvNeXt towers of OpenCLIP");
        string name = vision.String(Key) ?? "missing";

        // The largest size has norms of another epsilon.
        if (!name.StartsWith("convnext_", StringComparison.Ordinal) ||
            name.StartsWith("convnext_xxlarge", StringComparison.Ordinal))
        {
            throw vision.Unsupported(Key, $"'{name}'", "'convnext_base' and 'convnext_large'");
        }
    }
}
