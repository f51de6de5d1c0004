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

    /// <summary>Where newer versions of transformers keep everything about rotary positions.</summary>
    public const string RopeKey = "rope_parameters";

    /// <summary>Where a checkpoint names its vision tower: a folder inside it, or a repository.</summary>
    public const string TowerKey = "mm_vision_tower";

    /// <summary>Where a checkpoint names its prompt template; a key of this library's own.</summary>
    public const string TemplateKey = "prompt_template";

    /// <summary>Where a checkpoint says that its matrices are quantised.</summary>
    public const string QuantizationKey = "quantization_config";

    /// <summary>The <c>quant_method</c> of the formats that the kernels read.</summary>
    public const string QuantizationMethod = "denseconnector";

    private const int MaxLayers = 1024;

    // Far beyond every model, and small enough that no product of sizes overflows.
    private const int MaxSize = 1 << 20;
    private const int MaxImageSize = 1 << 13;

    /// <summary>The <c>model_type</c> of transformers' own LLaVA class, and of the first LLaVA checkpoints.</summary>
    private const string Llava = "llava";

    /// <summary>
    /// Reads a checkpoint folder's <c>config.json</c> and, when present, <c>generation_config.json</c>.
    /// </summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="baseModel">
    /// The folder of the language model below it, whose <c>generation_config.json</c> then counts; <c>null</c> if none.
    /// </param>
    /// <exception cref="ModelConfigException">
    /// A file is missing, malformed, or asks for what is not supported.
    /// </exception>
    public static ModelConfig ReadModel(string folder, string? baseModel = null)
    {
        ConfigJson json = ConfigJson.Load(Path.Combine(folder, FileName));
        string generation = Path.Combine(baseModel ?? folder, "generation_config.json");
        ConfigJson? text = json.Object("text_config");
        return new ModelConfig
        {
            Decoder = text is null ? ReadDecoder(json) : ReadConvertedDecoder(json, text),
            Connector = text is null ? ReadConnector(json) : ReadConvertedConnector(json),
            AuxiliaryVision = AuxiliaryVisionConfig.Read(json),
            ImageLayout = ReadImageLayout(json),
            PatchMerge = ReadPatchMerge(json),
            GridPinpoints = ReadPinpoints(json),
            ImageStartEnd = json.Bool("mm_use_im_start_end", false),
            MaxPromptTokens =
                json.Has("tokenizer_model_max_length") ? json.PositiveInt("tokenizer_model_max_length") : null,
            PromptTemplate = json.String(TemplateKey),
            Quantization = baseModel is null ? ReadQuantization(json) : ReadBaseQuantization(baseModel),
            EndIds = (File.Exists(generation) ? ReadIds(ConfigJson.Load(generation), "eos_token_id") : null)
                ?? ReadIds(json, "eos_token_id") ?? (text is null ? [] : ReadIds(text, "eos_token_id") ?? [2]),
        };
    }

    private static Quantization ReadQuantization(ConfigJson json)
    {
        if (json.Object(QuantizationKey) is not ConfigJson quantization)
        {
            return Quantization.None;
        }

        string? method = quantization.String("quant_method");
        if (method != QuantizationMethod)
        {
            throw quantization.Unsupported(
                "quant_method",
                method is null ? "missing" : $"'{method}'",
                $"'{QuantizationMethod}'; take the checkpoint with unquantised weights and quantise it with " +
                "'denseconnector quantize' or ModelOptions.Quantization");
        }

        return quantization.String("format") switch
        {
            "int8" => Quantization.Int8,
            "int4" => Quantization.Int4,
            string other => throw quantization.Unsupported("format", $"'{other}'", "'int8' and 'int4'"),
            null => throw quantization.Unsupported("format", "missing", "'int8' and 'int4'"),
        };
    }

    /// <summary>
    /// Refuses a base model that is quantised. What its own configuration says of an adapter is how it was trained.
    /// </summary>
    private static Quantization ReadBaseQuantization(string baseModel)
    {
        string path = Path.Combine(baseModel, FileName);
        return File.Exists(path) && ReadQuantization(ConfigJson.Load(path)) != Quantization.None
            ? throw new ModelConfigException(
                path,
                $"'{QuantizationKey}' says that the weights are quantised, but a projector or an adapter is put on " +
                "unquantised ones. Name the model that these were made from as the base model, and quantise both in " +
                "one with 'denseconnector quantize --base-model'.",
                QuantizationKey)
            : Quantization.None;
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
        if (type == Llava)
        {
            type = json.String("model_type") ?? "clip_vision_model";
        }

        bool siglip = type.StartsWith("siglip", StringComparison.Ordinal);

        // The defaults are those of transformers' CLIPVisionConfig and SiglipVisionConfig: published files omit them.
        VisionConfig config = new()
        {
            ModelType = type,
            Json = json,
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

    /// <summary>Reads a language model's keys; sizes have to be there unless defaults are given for them.</summary>
    private static DecoderConfig ReadDecoder(ConfigJson json, LlamaDefaults? defaults = null)
    {
        int hidden = Size(json, "hidden_size", defaults?.HiddenSize);
        int heads = Size(json, "num_attention_heads", defaults?.Heads);
        double theta = json.Object(RopeKey)?.PositiveDouble("rope_theta", 10000) ?? 10000;
        DecoderConfig config = new()
        {
            ModelType =
                json.String("model_type") ?? defaults?.ModelType ??
                throw json.Unsupported("model_type", "missing", "a decoder's name"),
            VocabularySize = Size(json, "vocab_size", defaults?.VocabularySize),
            HiddenSize = hidden,
            IntermediateSize = Size(json, "intermediate_size", defaults?.IntermediateSize),
            Layers = json.PositiveInt("num_hidden_layers", defaults?.Layers),
            Heads = heads,
            KeyValueHeads = Size(json, "num_key_value_heads", heads),
            HeadSize = Size(json, "head_dim", Math.Max(1, hidden / heads)),
            NormEpsilon = json.PositiveDouble("rms_norm_eps", 1e-6),
            RopeTheta = json.PositiveDouble("rope_theta", theta),
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

    /// <summary>
    /// Reads the language model of transformers' own LLaVA configuration, which leaves out what its class has anyway.
    /// </summary>
    private static DecoderConfig ReadConvertedDecoder(ConfigJson json, ConfigJson text)
    {
        if (json.String("model_type") is var type && type != Llava)
        {
            throw json.Unsupported("model_type", $"'{type}' with a 'text_config'", $"'{Llava}' with one");
        }

        LlamaDefaults defaults = new();
        DecoderConfig config = ReadDecoder(text, defaults);
        return config.ModelType == defaults.ModelType
            ? config with { ModelType = Llava }
            : throw text.Unsupported("model_type", $"'{config.ModelType}'", $"'{defaults.ModelType}'");
    }

    /// <summary>Reads the connector of transformers' own LLaVA configuration (<c>LlavaConfig</c>).</summary>
    private static ConnectorConfig ReadConvertedConnector(ConfigJson json)
    {
        Require("projector_hidden_act", "gelu");
        Require("vision_feature_select_strategy", "default");
        if (!json.Bool("multimodal_projector_bias", true))
        {
            throw json.Unsupported("multimodal_projector_bias", "false", "projectors with a bias");
        }

        if (json.Object("vision_config") is ConfigJson vision &&
            vision.String("model_type") is string type && type != "clip_vision_model")
        {
            // SigLIP towers: the official Dense Connector reads another layer than transformers' LLaVA does.
            throw vision.Unsupported("model_type", $"'{type}'", "'clip_vision_model'");
        }

        return new ConnectorConfig
        {
            Kind = json.String("mm_dense_connector_type") ?? "none",
            Projector = "mlp2x_gelu",
            VisionTower = json.String(TowerKey),
            SelectLayer = json.Int("vision_feature_layer", -2),
            ProjectorInput = null,
        };

        void Require(string key, string value)
        {
            if (json.String(key) is string said && said != value)
            {
                throw json.Unsupported(key, $"'{said}'", $"'{value}'");
            }
        }
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
            VisionTower = json.String(TowerKey) ?? throw json.Unsupported(
                TowerKey, "missing", "checkpoints with a vision tower; this is a language model alone"),
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
