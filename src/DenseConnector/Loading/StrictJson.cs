using System.Text.Json;

namespace DenseConnector.Loading;

/// <summary>What the readers of JSON in checkpoint files share: the settings, texts, and words for errors.</summary>
/// <remarks>
/// <see cref="Utf8JsonReader"/> takes invalid UTF-8 within texts until they are asked for; whoever uses it on a file
/// checks all bytes beforehand.
/// </remarks>
internal static class StrictJson
{
    /// <summary>No comments, no trailing commas; 16 levels, of which the formats need 3.</summary>
    public static JsonReaderOptions Options { get; } = new() { MaxDepth = 16 };

    /// <summary>The text of the current string or property name.</summary>
    /// <exception cref="JsonException">The text has half a surrogate pair, written as an escape.</exception>
    public static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>The kind of value a token starts, with its article.</summary>
    public static string Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a truth value",
        JsonTokenType.Null => "null",
        _ => token.ToString(),
    };
}
