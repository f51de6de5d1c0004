using System.Text.Json;

namespace DenseConnector.Cli.Serving;

/// <summary>
/// The fields of a request that the server does not read: accepted where they ask for nothing, refused by name where
/// they do.
/// </summary>
internal static class OtherFields
{
    private const string NoTools = "the model cannot call functions";
    private const string NoProbabilities = "the engine gives no log probabilities";
    private const string NothingKept = "nothing is stored";

    private static readonly Dictionary<string, (Func<JsonElement, bool> AsksNothing, string Reason)> Known = new()
    {
        ["logprobs"] = (Is(JsonValueKind.False), NoProbabilities),
        ["top_logprobs"] = (_ => false, NoProbabilities),
        ["logit_bias"] = (IsEmpty, "single tokens cannot be made more or less likely"),
        ["response_format"] = (
            value => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("type", out JsonElement type) &&
                IsWord(type, "text"),
            "nothing holds the model to a format other than text"),
        ["tools"] = (IsEmpty, NoTools),
        ["functions"] = (IsEmpty, NoTools),
        ["tool_choice"] = (value => IsWord(value, "none", "auto"), NoTools),
        ["function_call"] = (value => IsWord(value, "none", "auto"), NoTools),
        ["parallel_tool_calls"] = (value => value.ValueKind is JsonValueKind.True or JsonValueKind.False, NoTools),
        ["store"] = (Is(JsonValueKind.False), NothingKept),
        ["metadata"] = (IsEmpty, NothingKept),
        ["service_tier"] = (value => IsWord(value, "auto", "default"), "there is one kind of service"),
        ["modalities"] = (
            value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => IsWord(one, "text")),
            "the model answers in text"),
        ["reasoning_effort"] = (value => IsWord(value, "none"), "the model answers without reasoning first"),
        ["verbosity"] = (value => IsWord(value, "medium"), "the model has no measure of length; say it in the text"),

        // Who asks, which no answer depends on.
        ["user"] = (Is(JsonValueKind.String), "a text is expected"),
        ["safety_identifier"] = (Is(JsonValueKind.String), "a text is expected"),
        ["prompt_cache_key"] = (Is(JsonValueKind.String), "a text is expected"),
    };

    /// <summary>Refuses the first field of a request that asks for something.</summary>
    /// <exception cref="ApiException">There is one.</exception>
    public static void Check(Dictionary<string, JsonElement>? fields)
    {
        foreach ((string name, JsonElement value) in fields ?? [])
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (!Known.TryGetValue(name, out (Func<JsonElement, bool> AsksNothing, string Reason) field))
            {
                throw ApiException.Invalid(
                    name, $"The server does not know the argument '{name}'; leave it out.", "unknown_parameter");
            }

            if (!field.AsksNothing(value))
            {
                throw ApiException.Invalid(
                    name, $"'{name}' cannot be honoured: {field.Reason}. Leave it out.", "unsupported_parameter");
            }
        }
    }

    /// <summary>Refuses the first field inside a part of a request; empty ones ask for nothing.</summary>
    /// <param name="fields">What the part has besides what is read.</param>
    /// <param name="place">The part, for example <c>messages[0]</c>.</param>
    /// <exception cref="ApiException">There is one.</exception>
    public static void CheckInside(IEnumerable<KeyValuePair<string, JsonElement>>? fields, string place)
    {
        foreach ((string name, JsonElement value) in fields ?? [])
        {
            if (value.ValueKind != JsonValueKind.Null && !IsEmpty(value))
            {
                throw ApiException.Invalid(
                    $"{place}.{name}",
                    $"'{name}' of {place} cannot be honoured; leave it out.",
                    "unsupported_parameter");
            }
        }
    }

    private static Func<JsonElement, bool> Is(JsonValueKind kind) => value => value.ValueKind == kind;

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        _ => false,
    };

    private static bool IsWord(JsonElement value, params ReadOnlySpan<string> words) =>
        value.ValueKind == JsonValueKind.String && words.Contains(value.GetString());
}
