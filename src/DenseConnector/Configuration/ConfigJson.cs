using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

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
            if (!System.IO.File.Exists(path))
            {
                throw new ModelConfigException(
                    path, "is no file; check the path, and that the folder is a complete model.");
            }

            // Asked of the open file: a symbolic link, as in a hub cache, has a length of its own.
            using FileStream stream = System.IO.File.OpenRead(path);
            if (stream.Length > MaxFileBytes)
            {
                throw new ModelConfigException(
                    path, $"has {stream.Length:N0} bytes; a configuration has at most {MaxFileBytes:N0}.");
            }

            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
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
        // The parser looks into a text only when it is asked for.
        if (!Utf8.IsValid(utf8.Span))
        {
            throw new ModelConfigException(file, "is not valid UTF-8.");
        }

        try
        {
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
    /// <exception cref="ModelConfigException">A name is not text.</exception>
    public IReadOnlyList<string> Keys
    {
        get
        {
            try
            {
                return [.. _object.EnumerateObject().Select(property => property.Name)];
            }
            catch (InvalidOperationException e)
            {
                string path = _prefix.TrimEnd('.');
                throw NotText(path.Length == 0 ? "a key" : $"a key of '{path}'", path, e);
            }
        }
    }

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
            throw NotText($"'{_prefix}{key}'", _prefix + key, e);
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

    /// <summary>A number greater than zero, or <paramref name="fallback"/> if the key is absent.</summary>
    public double PositiveDouble(string key, double? fallback = null)
    {
        double number = Double(key, fallback);
        return number > 0 ? number : throw new ModelConfigException(
            File,
            string.Create(
                CultureInfo.InvariantCulture, $"'{_prefix}{key}' is {number}, expected a number greater than 0."),
            _prefix + key);
    }

    /// <summary>A truth value, or <paramref name="fallback"/> if the key is absent.</summary>
    public bool Bool(string key, bool fallback) =>
        !TryGet(key, out JsonElement value) ? fallback
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(key, value, "true or false");

    /// <summary>An array of finite numbers, or <c>null</c> if the key is absent.</summary>
    public double[]? Doubles(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array &&
            value.EnumerateArray().All(
                item => item.ValueKind == JsonValueKind.Number && double.IsFinite(item.GetDouble()))
            ? [.. value.EnumerateArray().Select(item => item.GetDouble())]
            : throw Wrong(key, value, "an array of finite numbers");
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

    /// <summary>The error for a value of another kind than the key has.</summary>
    public ModelConfigException Wrong(string key, JsonElement value, string expected)
    {
        string text = value.GetRawText();
        string shown = text.Length <= 60 ? text : text[..57] + "...";
        return new ModelConfigException(File, $"'{_prefix}{key}' is {shown}, expected {expected}.", _prefix + key);
    }

    private bool TryGet(string key, out JsonElement value)
    {
        try
        {
            return _object.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;
        }
        catch (InvalidOperationException e)
        {
            // Another key, one that starts like this one, is not text.
            throw NotText($"a key beside '{_prefix}{key}'", _prefix + key, e);
        }
    }

    /// <summary>An escape may spell half a surrogate pair, which is valid JSON and no text.</summary>
    private ModelConfigException NotText(string what, string path, InvalidOperationException cause) =>
        new(File, $"{what} is not valid Unicode text.", path, cause);

    private ModelConfigException Missing(string key) => new(File, $"'{_prefix}{key}' is missing.", _prefix + key);
}
