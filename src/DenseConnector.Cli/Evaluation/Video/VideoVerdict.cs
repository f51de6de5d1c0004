using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>What a judge says about a video's answer: any Python value that can be kept as JSON.</summary>
/// <param name="Value">The value as JSON.</param>
internal sealed record VideoVerdict(JsonNode? Value)
{
    /// <summary>Reads a reply; <c>null</c> if it is no value for <c>ast.literal_eval</c> and JSON.</summary>
    public static VideoVerdict? Parse(string reply)
    {
        try
        {
            return new VideoVerdict(ToJson(PythonLiteral.Parse(reply)));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The score as a whole number, cut off; <c>null</c> if there is none (<c>int</c>).</summary>
    public BigInteger? Score() => Value is JsonObject fields && fields.TryGetPropertyValue("score", out JsonNode? score)
        ? score?.GetValueKind() switch
        {
            JsonValueKind.True => BigInteger.One,
            JsonValueKind.False => BigInteger.Zero,
            JsonValueKind.String when PythonNumber.TryParseInteger(score.GetValue<string>(), out BigInteger number) =>
                number,
            JsonValueKind.Number => Whole(PythonJson.Write(score)),
            _ => null,
        }
        : null;

    /// <summary>Whether the answer is right; <c>null</c> if that is not said. "yes" is looked for first.</summary>
    public bool? IsRight()
    {
        string? said = Value is JsonObject fields && fields["pred"] is JsonValue pred &&
            pred.GetValueKind() == JsonValueKind.String
                ? PythonText.Lower(pred.GetValue<string>())
                : null;
        return said?.Contains("yes", StringComparison.Ordinal) == true ? true
            : said?.Contains("no", StringComparison.Ordinal) == true ? false
            : null;
    }

    private static BigInteger? Whole(string number) =>
        BigInteger.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger whole)
            ? whole
            : PythonFloat.Parse(number) is double other && double.IsFinite(other) ? new BigInteger(other) : null;

    private static JsonNode? ToJson(object? value)
    {
        switch (value)
        {
            case null:
                return null;
            case bool truth:
                return truth;
            case string text:
                return text;
            case double number:
                return number;
            case BigInteger whole:
                return JsonNode.Parse(whole.ToString(CultureInfo.InvariantCulture));
            case IReadOnlyList<object?> items:
                return new JsonArray([.. items.Select(ToJson)]);
            case List<KeyValuePair<object?, object?>> pairs:
                JsonObject fields = [];
                foreach ((object? key, object? field) in pairs)
                {
                    // Of equal keys the last counts, in the place of the first.
                    fields[KeyOf(key)] = ToJson(field);
                }

                return fields;
            default:
                throw new FormatException($"{value.GetType()} is no value of JSON.");
        }
    }

    /// <summary>A key as <c>json.dump</c> writes it: what is no text becomes one, but for lists.</summary>
    private static string KeyOf(object? key) => key switch
    {
        string text => text,
        null or bool or double or BigInteger => PythonJson.Write(ToJson(key)),
        _ => throw new FormatException("A list is no key of JSON."),
    };
}
