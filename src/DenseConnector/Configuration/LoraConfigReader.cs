using System.Text.Json;

namespace DenseConnector.Configuration;

/// <summary>Reads <c>adapter_config.json</c> of PEFT; every key of it stands here once.</summary>
internal static class LoraConfigReader
{
    /// <summary>
    /// What changes how an adapter is computed and is not supported; each has to be absent, false, zero or empty.
    /// </summary>
    private static readonly string[] Refused =
    [
        "use_dora", "fan_in_fan_out", "lora_bias", "rank_pattern", "alpha_pattern", "modules_to_save",
        "trainable_token_indices", "layer_replication", "megatron_config", "alora_invocation_tokens",
        "target_parameters", "use_qalora",
    ];

    /// <summary>Reads an adapter folder's configuration.</summary>
    /// <exception cref="ModelConfigException">
    /// The file is missing, malformed, or describes an adapter other than plain LoRA.
    /// </exception>
    public static LoraConfig Read(string folder)
    {
        ConfigJson json = ConfigJson.Load(Path.Combine(folder, LoraConfig.FileName));
        if (json.String("peft_type") is var type && type != "LORA")
        {
            throw json.Unsupported("peft_type", type is null ? "missing" : $"'{type}'", "'LORA'");
        }

        if (json.String("bias") is string bias && bias != "none")
        {
            throw json.Unsupported("bias", $"'{bias}'", "'none'");
        }

        foreach (string key in Refused)
        {
            if (json.Raw(key) is JsonElement value && !IsNothing(value))
            {
                throw json.Unsupported(key, value.GetRawText(), "adapters without it");
            }
        }

        int rank = json.PositiveInt("r");
        double alpha = json.Double("lora_alpha");
        return new LoraConfig
        {
            Rank = rank,
            Scale = alpha / (json.Bool("use_rslora", false) ? Math.Sqrt(rank) : rank),
            Targets = ReadTargets(json),
        };
    }

    private static HashSet<string>? ReadTargets(ConfigJson json)
    {
        const string Key = "target_modules";
        return json.Raw(Key) switch
        {
            // A pattern, or "all-linear": what it matched is what the adapter holds.
            null or { ValueKind: JsonValueKind.String } => null,
            { ValueKind: JsonValueKind.Array } list when
                list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                [.. list.EnumerateArray().Select(item => Last(json, item))],
            JsonElement other => throw json.Unsupported(Key, other.GetRawText(), "a list of names and a pattern"),
        };

        // A full path names one layer; its last part is what is compared.
        static string Last(ConfigJson json, JsonElement item)
        {
            try
            {
                return item.GetString()!.Split('.')[^1];
            }
            catch (InvalidOperationException)
            {
                throw json.Unsupported(Key, "not valid Unicode text", "names of layers");
            }
        }
    }

    private static bool IsNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Number => value.TryGetDouble(out double number) && number == 0,
        _ => false,
    };
}
