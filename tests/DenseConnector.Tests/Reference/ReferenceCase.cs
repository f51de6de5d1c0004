using System.Text.Json;
using DenseConnector.Configuration;
using DenseConnector.Imaging;

namespace DenseConnector.Tests.Reference;

/// <summary>One case of a fixture: rows of ids, pictures, and settings of the reference run.</summary>
internal sealed class ReferenceCase(string name, JsonElement golden)
{
    public string Name => name;

    public int[][] InputIds => Rows("input_ids")!;

    public int[][]? AttentionMask => Rows("attention_mask");

    public int[][]? GeneratedIds => Rows("gen_ids");

    public string[] Images => golden.TryGetProperty("images", out JsonElement images)
        ? [.. images.EnumerateArray().Select(image => image.GetString()!)]
        : [];

    public int[] EosIds => golden.TryGetProperty("eos_token_id", out JsonElement ids)
        ? [.. ids.EnumerateArray().Select(id => id.GetInt32())]
        : [2];

    public int Stride(string prefix, out string tensor, GoldenTensors tensors)
    {
        tensor = tensors.Names.FirstOrDefault(key => key == $"{name}/{prefix}" ||
            key.StartsWith($"{name}/{prefix}.stride", StringComparison.Ordinal)) ?? string.Empty;
        int at = tensor.IndexOf(".stride", StringComparison.Ordinal);
        return at < 0 ? 1 : int.Parse(tensor.AsSpan(at + 7), System.Globalization.CultureInfo.InvariantCulture);
    }

    public int Beams => golden.TryGetProperty("num_beams", out JsonElement beams) ? beams.GetInt32() : 1;

    public int? MaxNewTokens =>
        golden.TryGetProperty("max_new_tokens", out JsonElement tokens) ? tokens.GetInt32() : null;

    /// <summary>Whether the reference computed the whole case in bfloat16 instead of float32.</summary>
    public bool IsBFloat16 =>
        golden.TryGetProperty("native_dtype", out JsonElement type) && type.GetString() == "bfloat16";

    public bool IsVideo => golden.TryGetProperty("is_video", out JsonElement video) && video.GetBoolean();

    public bool Pools => golden.TryGetProperty("if_pool", out JsonElement pool) && pool.GetBoolean();

    /// <summary>Size of the original picture where the reference was told it (AnyRes).</summary>
    public PixelSize? ImageSize(int index) =>
        golden.TryGetProperty("image_sizes_wh", out JsonElement sizes) && sizes.ValueKind == JsonValueKind.Array
            ? new PixelSize(sizes[index][0].GetInt32(), sizes[index][1].GetInt32())
            : null;

    /// <summary>The configuration the case ran with.</summary>
    public ModelConfig Configure(ModelConfig config) => config with
    {
        MaxPromptTokens = !HasOverride("tokenizer_model_max_length") ? config.MaxPromptTokens
            : int.TryParse(Override("tokenizer_model_max_length"), out int length) ? length : null,
        PatchMerge = Override("mm_patch_merge_type") switch
        {
            "flat" => PatchMerge.Flat,
            "spatial" => PatchMerge.Spatial,
            _ => config.PatchMerge,
        },
    };

    public bool InsideVision => name.Contains("inside_vision", StringComparison.Ordinal);

    public bool PadsLeft => Override("tokenizer_padding_side") == "left";

    private bool HasOverride(string key) =>
        golden.TryGetProperty("config_override", out JsonElement settings) && settings.TryGetProperty(key, out _);

    private string? Override(string key) =>
        golden.TryGetProperty("config_override", out JsonElement settings)
            && settings.TryGetProperty(key, out JsonElement value)
            ? value.ToString()
            : null;

    private int[][]? Rows(string key) =>
        golden.TryGetProperty(key, out JsonElement rows) && rows.ValueKind == JsonValueKind.Array
            ? [.. rows.EnumerateArray().Select(row => row.EnumerateArray().Select(id => id.GetInt32()).ToArray())]
            : null;
}
