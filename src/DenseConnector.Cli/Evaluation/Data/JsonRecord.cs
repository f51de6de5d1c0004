using System.Text.Json;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Data;

/// <summary>An object of a data file that knows where it lies, so that every complaint names the place.</summary>
/// <param name="Where">The file and the line or field.</param>
/// <param name="Value">The object.</param>
internal sealed record JsonRecord(string Where, JsonElement Value)
{
    /// <summary>A text.</summary>
    /// <exception cref="IOException">There is no such field, or no text in it.</exception>
    public string Text(string name)
    {
        JsonElement field = Field(name);
        try
        {
            return field.GetString() ?? throw Unexpected(name, "a string", field);
        }
        catch (InvalidOperationException)
        {
            // Something else, or half of a surrogate pair.
            throw Unexpected(name, "a string", field);
        }
    }

    /// <summary>A text, or <c>null</c> where the file says so.</summary>
    /// <exception cref="IOException">There is no such field, or something else in it.</exception>
    public string? OptionalText(string name) => Field(name).ValueKind == JsonValueKind.Null ? null : Text(name);

    /// <summary>A whole number.</summary>
    /// <exception cref="IOException">There is no such field, or no such number in it.</exception>
    public int Number(string name) =>
        Field(name) is { ValueKind: JsonValueKind.Number } field && field.TryGetInt32(out int number)
            ? number
            : throw Unexpected(name, "a whole number", Field(name));

    /// <summary>Something that is true or false.</summary>
    /// <exception cref="IOException">There is no such field, or neither in it.</exception>
    public bool Truth(string name) => Field(name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } field
        ? field.GetBoolean()
        : throw Unexpected(name, "true or false", Field(name));

    /// <summary>A value that names something, as it is compared: the text "1" is not the number 1.</summary>
    /// <exception cref="IOException">There is no such field, or neither a string nor a number in it.</exception>
    public string Key(string name) => Field(name) is { ValueKind: JsonValueKind.Number } field
        ? PythonJson.Write(field)
        : PythonJson.Write(Text(name));

    /// <summary>An object in a field.</summary>
    /// <exception cref="IOException">There is no such field, or no object in it.</exception>
    public JsonRecord Object(string name) => Field(name) is { ValueKind: JsonValueKind.Object } field
        ? new JsonRecord($"{Where}: {name}", field)
        : throw Unexpected(name, "an object", Field(name));

    /// <summary>The fields of this object, each an object.</summary>
    public IEnumerable<(string Name, JsonRecord Value)> Objects() =>
        Value.EnumerateObject().Select(field => (field.Name, Object(field.Name)));

    /// <summary>The objects of a list.</summary>
    /// <exception cref="IOException">There is no such field, or no list of objects in it.</exception>
    public IEnumerable<JsonRecord> List(string name) => Items(name).Select((item, i) =>
        item.ValueKind == JsonValueKind.Object
            ? new JsonRecord($"{Where}: {name}[{i}]", item)
            : throw Unexpected($"{name}[{i}]", "an object", item));

    /// <summary>The texts of a list.</summary>
    /// <exception cref="IOException">There is no such field, or no list of texts in it.</exception>
    public IReadOnlyList<string> Texts(string name) => [.. Items(name).Select((item, i) =>
        item.ValueKind == JsonValueKind.String
            ? item.GetString()!
            : throw Unexpected($"{name}[{i}]", "a string", item))];

    private JsonElement Field(string name) => Value.TryGetProperty(name, out JsonElement field)
        ? field
        : throw new IOException($"{Where}: the field '{name}' is missing.");

    private JsonElement.ArrayEnumerator Items(string name) => Field(name) is { ValueKind: JsonValueKind.Array } field
        ? field.EnumerateArray()
        : throw Unexpected(name, "a list", Field(name));

    private IOException Unexpected(string name, string expected, JsonElement found) =>
        new($"{Where}: '{name}' is {found.GetRawText()}, expected {expected}.");
}
