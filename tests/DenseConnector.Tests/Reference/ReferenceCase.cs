using System.Text.Json;

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

    /// <summary>Why the library cannot run this case yet, or <c>null</c> if it must pass.</summary>
    public string? NotYet =>
        golden.TryGetProperty("num_beams", out _) ? "beam search"
        : Override("tokenizer_model_max_length") is not null ? "the reference's silent cut"
        : golden.TryGetProperty("is_video", out _) ? "video"
        : golden.TryGetProperty("native_dtype", out _) ? "native half precision bounds"
        : null;

    public bool InsideVision => name.Contains("inside_vision", StringComparison.Ordinal);

    public bool PadsLeft => Override("tokenizer_padding_side") == "left";

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
