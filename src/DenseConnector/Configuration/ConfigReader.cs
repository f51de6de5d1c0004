using System.Text.Json;

namespace DenseConnector.Configuration;

/// <summary>
/// Reads a checkpoint's configuration files into records: every Hugging Face key stands here once, with its default and
/// what is refused.
/// </summary>
internal static class ConfigReader
{
    /// <summary>The file every checkpoint and vision tower folder has.</summary>
    public const string FileName = "config.json";

    private const int MaxLayers = 1024;

    // Far beyond every model, and small enough that no product of sizes overflows.
    private const int MaxSize = 1 << 20;
    private const int MaxImageSize = 1 << 13;

    /// <summary>
    /// Reads a checkpoint folder's <c>config.json</c> and, when present, <c>generation_config.json</c>.
    /// </summary>
    /// <exception cref="ModelConfigException">
    /// A file is missing, malformed, or asks for what is not supported.
    /// </exception>
    public static ModelConfig ReadModel(string folder)
    {
        ConfigJson json = ConfigJson.Load(Path.Combine(folder, FileName));
        string generation = Path.Combine(folder, "generation_config.json");
        return new ModelConfig
        {
            Decoder = ReadDecoder(json),
            Connector = ReadConnector(json),
            AuxiliaryVision = AuxiliaryVisionConfig.Read(json),
            ImageLayout = ReadImageLayout(json),
            PatchMerge = ReadPatchMerge(json),
            GridPinpoints = ReadPinpoints(json),
            ImageStartEnd = json.Bool("mm_use_im_start_end", false),
            MaxPromptTokens =
                json.Has("tokenizer_model_max_length") ? json.PositiveInt("tokenizer_model_max_length") : null,
            PromptTemplate = json.String("prompt_template"),
            EndIds = (File.Exists(generation) ? ReadIds(ConfigJson.Load(generation), "eos_token_id") : null)
                ?? ReadIds(json, "eos_token_id") ?? [],
        };
    }

    /// <summary>
    /// Reads a vision tower folder's <c>config.json</c>: the tower's own, or the vision part of a whole CLIP's.
    /// </summary>
    /// <exception cref="ModelConfigException">The file is missing, malformed, or not a vision tower's.</exception>
    public static VisionConfig ReadVision(string folder)
    {
        ConfigJson whole = ConfigJson.Load(Path.Combine(folder, FileName));
        string type =
            whole.String("model_type") ?? throw whole.Unsupported("model_type", "missing", "clip and siglip towers");
        ConfigJson json = whole.Object("vision_config") ?? whole;
        bool siglip = type.StartsWith("siglip", StringComparison.Ordinal);

        // The defaults are those of transformers' CLIPVisionConfig and SiglipVisionConfig: published files omit them.
        VisionConfig config = new()
        {
            ModelType = type,
            HiddenSize = Size(json, "hidden_size", 768),
            IntermediateSize = Size(json, "intermediate_size", 3072),
            Layers = json.PositiveInt("num_hidden_layers", 12),
            Heads = Size(json, "num_attention_heads", 12),
            ImageSize = Size(json, "image_size", 224, MaxImageSize),
            PatchSize = Size(json, "patch_size", siglip ? 16 : 32, MaxImageSize),
            NormEpsilon = json.PositiveDouble("layer_norm_eps", siglip ? 1e-6 : 1e-5),
            Activation = json.String("hidden_act") ?? (siglip ? "gelu_pytorch_tanh" : "quick_gelu"),
        };
        RequireLayers(json, config.Layers);
        RequireDivisible(json, "hidden_size", config.HiddenSize, "num_attention_heads", config.Heads);
        return config.PatchSize <= config.ImageSize
            ? config
            : throw json.Unsupported(
                "patch_size", $"{config.PatchSize}", $"sizes up to image_size ({config.ImageSize})");
    }

    private static DecoderConfig ReadDecoder(ConfigJson json)
    {
        int hidden = Size(json, "hidden_size");
        int heads = Size(json, "num_attention_heads");
        DecoderConfig config = new()
        {
            ModelType =
                json.String("model_type") ?? throw json.Unsupported("model_type", "missing", "a decoder's name"),
            VocabularySize = Size(json, "vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = Size(json, "intermediate_size"),
            Layers = json.PositiveInt("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = Size(json, "num_key_value_heads", heads),
            HeadSize = Size(json, "head_dim", Math.Max(1, hidden / heads)),
            NormEpsilon = json.PositiveDouble("rms_norm_eps", 1e-6),
            RopeTheta = json.PositiveDouble("rope_theta", 10000),
            MaxPositions = Size(json, "max_position_embeddings", 2048),
            QueryKeyValueBias = json.Bool("attention_bias", false),
            OutputBias = json.Bool("attention_bias", false),
            TieWordEmbeddings = json.Bool("tie_word_embeddings", false),
            Json = json,
        };
        RequireLayers(json, config.Layers);
        if (config.HeadSize % 2 != 0)
        {
            // Rotary positions turn pairs of channels.
            throw json.Unsupported("head_dim", $"{config.HeadSize}", "even sizes");
        }

        RequireDivisible(json, "num_attention_heads", heads, "num_key_value_heads", config.KeyValueHeads);
        if (!json.Has("head_dim"))
        {
            RequireDivisible(json, "hidden_size", hidden, "num_attention_heads", heads);
        }

        return config;
    }

    private static ConnectorConfig ReadConnector(ConfigJson json)
    {
        string feature = json.String("mm_vision_select_feature") ?? "patch";
        if (feature != "patch")
        {
            throw json.Unsupported("mm_vision_select_feature", $"'{feature}'", "'patch'");
        }

        return new ConnectorConfig
        {
            // Plain LLaVA checkpoints have no such key.
            Kind = json.String("mm_dense_connector_type") ?? "none",
            Projector = json.String("mm_projector_type") ?? "linear",
            VisionTower = json.String("mm_vision_tower") ?? throw json.Unsupported(
                "mm_vision_tower", "missing", "checkpoints with a vision tower; this is a language model alone"),
            SelectLayer = json.Int("mm_vision_select_layer", -2),
            ProjectorInput = json.Has("mm_hidden_size") ? json.PositiveInt("mm_hidden_size") : null,
        };
    }

    private static ImageLayout ReadImageLayout(ConfigJson json) => json.String("image_aspect_ratio") switch
    {
        null or "square" => ImageLayout.Plain,
        "pad" => ImageLayout.Pad,
        "anyres" => ImageLayout.AnyRes,
        string other => throw json.Unsupported("image_aspect_ratio", $"'{other}'", "'square', 'pad' and 'anyres'"),
    };

    private static PatchMerge ReadPatchMerge(ConfigJson json) => json.String("mm_patch_merge_type") switch
    {
        null or "flat" => PatchMerge.Flat,
        "spatial" => PatchMerge.Spatial,
        "spatial_unpad" => PatchMerge.SpatialUnpad,
        string other => throw json.Unsupported(
            "mm_patch_merge_type", $"'{other}'", "'flat', 'spatial' and 'spatial_unpad'"),
    };

    private static List<(int Width, int Height)> ReadPinpoints(ConfigJson json)
    {
        const string Key = "image_grid_pinpoints";
        List<(int, int)> pinpoints = [];
        if (ReadImageLayout(json) != ImageLayout.AnyRes)
        {
            return pinpoints;
        }

        // Some checkpoints hold the list as Python text, with tuples.
        JsonElement? said = json.Raw(Key);
        JsonElement list = said is { ValueKind: JsonValueKind.String } text
            ? ParsePythonList(json, Key, text)
            : said ?? default;
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            throw json.Unsupported(Key, "missing or empty", "a list of [width, height], which 'anyres' needs");
        }

        foreach (JsonElement item in list.EnumerateArray())
        {
            bool isSize = item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2;
            pinpoints.Add(isSize && IsLength(item[0], out int width) && IsLength(item[1], out int height)
                ? (width, height)
                : throw json.Unsupported(Key, $"{item}", "lists of [width, height]"));
        }

        return pinpoints;

        static bool IsLength(JsonElement value, out int length)
        {
            length = 0;
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out length)
                && length is > 0 and < 1 << 16;
        }
    }

    /// <summary>
    /// Reads a list of number pairs that was written down in Python: <c>[(336, 672), (672, 336)]</c>.
    /// </summary>
    private static JsonElement ParsePythonList(ConfigJson json, string key, JsonElement text)
    {
        string list = text.GetString()!.Replace('(', '[').Replace(')', ']');
        try
        {
            using JsonDocument document = JsonDocument.Parse(list);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw json.Unsupported(key, text.ToString(), "a list of [width, height]");
        }
    }

    private static List<int>? ReadIds(ConfigJson json, string key)
    {
        if (json.Raw(key) is not JsonElement value)
        {
            return null;
        }

        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        List<int> ids = [];
        foreach (JsonElement item in items)
        {
            ids.Add(item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) && id >= 0
                ? id
                : throw json.Wrong(key, value, "a token id or an array of token ids"));
        }

        return ids;
    }

    private static int Size(ConfigJson json, string key, int? fallback = null, int most = MaxSize)
    {
        int size = json.PositiveInt(key, fallback);
        return size <= most ? size : throw json.Unsupported(key, $"{size}", $"sizes of at most {most}");
    }

    private static void RequireLayers(ConfigJson json, int layers)
    {
        if (layers > MaxLayers)
        {
            throw json.Unsupported("num_hidden_layers", $"{layers}", $"models of at most {MaxLayers} layers");
        }
    }

    private static void RequireDivisible(ConfigJson json, string key, int value, string divisorKey, int divisor)
    {
        if (value % divisor != 0)
        {
            throw json.Unsupported(key, $"{value}", $"multiples of '{divisorKey}' ({divisor})");
        }
    }
}
