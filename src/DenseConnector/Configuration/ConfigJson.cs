using System.Text.Json;

namespace DenseConnector.Configuration;

/// <summary>
/// Typed reading of one JSON object of a configuration file; every error names the file, the path and what is accepted.
/// </summary>
/// <remarks>
/// A key whose value is <c>null</c> counts as absent, as in the Python configs. Unknown keys are ignored. Immutable.
/// </remarks>
internal sealed class ConfigJson
{
    private const int MaxFileBytes = 16 << 20;

    private readonly JsonElement _object;
    private readonly string _prefix;

    private ConfigJson(string file, JsonElement element, string prefix)
    {
        File = file;
        _object = element;
        _prefix = prefix;
    }

    /// <summary>The file's name as errors show it.</summary>
    public string File { get; }

    /// <summary>Reads a JSON object from a file.</summary>
    /// <exception cref="ModelConfigException">The file is absent, too large, or not a JSON object.</exception>
    public static ConfigJson Load(string path)
    {
        byte[] bytes;
        try
        {
            FileInfo info = new(path);
            if (info.Exists && info.Length > MaxFileBytes)
            {
                throw new ModelConfigException(
                    path, $"has {info.Length:N0} bytes; a configuration has at most {MaxFileBytes:N0}.");
            }

            bytes = System.IO.File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelConfigException(path, $"cannot be read ({e.Message})", innerException: e);
        }

        return Parse(path, bytes);
    }

    /// <summary>Reads a JSON object from UTF-8 bytes.</summary>
    /// <exception cref="ModelConfigException">The bytes are not one JSON object.</exception>
    public static ConfigJson Parse(string file, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            CheckKeys(file, utf8.Span);
            using JsonDocument document = JsonDocument.Parse(utf8);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigJson(file, document.RootElement.Clone(), string.Empty)
                : throw new ModelConfigException(
                    file, $"holds a JSON {document.RootElement.ValueKind}, expected an object.");
        }
        catch (JsonException e)
        {
            throw new ModelConfigException(file, $"is not valid JSON ({e.Message})", innerException: e);
        }
    }

    /// <summary>Whether the key is present and not <c>null</c>.</summary>
    public bool Has(string key) => TryGet(key, out _);

    /// <summary>The names of all keys, in the file's order.</summary>
    public IEnumerable<string> Keys => _object.EnumerateObject().Select(property => property.Name);

    /// <summary>A string, or <c>null</c> if the key is absent.</summary>
    public string? String(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(key, value, "a string");
        }
        catch (InvalidOperationException e)
        {
            // An escape may spell half a surrogate pair, which is valid JSON and no text.
            throw new ModelConfigException(File, $"'{_prefix}{key}' is not valid Unicode text.", _prefix + key, e);
        }
    }

    /// <summary>An integer, or <paramref name="fallback"/> if the key is absent.</summary>
    public int Int(string key, int? fallback = null)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return fallback ?? throw Missing(key);
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? number
            : throw Wrong(key, value, "an integer");
    }

    /// <summary>An integer greater than zero, or <paramref name="fallback"/> if the key is absent.</summary>
    public int PositiveInt(string key, int? fallback = null)
    {
        int number = Int(key, fallback);
        return number > 0 ? number : throw new ModelConfigException(
            File, $"'{_prefix}{key}' is {number}, expected a number greater than 0.", _prefix + key);
    }

    /// <summary>A number, or <paramref name="fallback"/> if the key is absent.</summary>
    public double Double(string key, double? fallback = null)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return fallback ?? throw Missing(key);
        }

        return value.ValueKind == JsonValueKind.Number &&
            value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Wrong(key, value, "a finite number");
    }

    /// <summary>A truth value, or <paramref name="fallback"/> if the key is absent.</summary>
    public bool Bool(string key, bool fallback) =>
        !TryGet(key, out JsonElement value) ? fallback
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(key, value, "true or false");

    /// <summary>An array of numbers, or <c>null</c> if the key is absent.</summary>
    public double[]? Doubles(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array &&
            value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number)
            ? [.. value.EnumerateArray().Select(item => item.GetDouble())]
            : throw Wrong(key, value, "an array of numbers");
    }

    /// <summary>A nested object, or <c>null</c> if the key is absent.</summary>
    public ConfigJson? Object(string key) =>
        !TryGet(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Object ? new ConfigJson(File, value, $"{_prefix}{key}.")
        : throw Wrong(key, value, "an object");

    /// <summary>An array of objects, or <c>null</c> if the key is absent.</summary>
    public IReadOnlyList<ConfigJson>? Objects(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array &&
            value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object)
            ? [.. value.EnumerateArray().Select((item, i) => new ConfigJson(File, item, $"{_prefix}{key}[{i}]."))]
            : throw Wrong(key, value, "an array of objects");
    }

    /// <summary>The raw value of a key, or <c>null</c> if the key is absent; for values whose type varies.</summary>
    public JsonElement? Raw(string key) => TryGet(key, out JsonElement value) ? value : null;

    /// <summary>The error for a value that is well-formed but not supported.</summary>
    public ModelConfigException Unsupported(string key, string found, string supported) =>
        new(File, $"'{_prefix}{key}' is {found}, supported are {supported}.", _prefix + key);

    /// <summary>Refuses keys that are no text, which would make every look-up among them fail.</summary>
    private static void CheckKeys(string file, ReadOnlySpan<byte> utf8)
    {
        Utf8JsonReader reader = new(utf8);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                try
                {
                    reader.GetString();
                }
                catch (InvalidOperationException e)
                {
                    throw new ModelConfigException(
                        file, "has a key that is not valid Unicode text.", innerException: e);
                }
            }
        }
    }

    private bool TryGet(string key, out JsonElement value) =>
        _object.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    private ModelConfigException Missing(string key) => new(File, $"'{_prefix}{key}' is missing.", _prefix + key);

    private ModelConfigException Wrong(string key, JsonElement value, string expected)
    {
        string text = value.GetRawText();
        string shown = text.Length <= 60 ? text : text[..57] + "...";
        return new ModelConfigException(File, $"'{_prefix}{key}' is {shown}, expected {expected}.", _prefix + key);
    }
}
