using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>
/// Writes JSON byte for byte as Python's <c>json.dumps</c> does, so that files can be compared with those of the
/// official scripts.
/// </summary>
internal static partial class PythonJson
{
    private const string Infinite = "Infinity";
    private const string NoNumber = "NaN";

    /// <summary>Writes a value on a single line.</summary>
    public static string Write(JsonNode? value) => Write(value, indent: null);

    /// <summary>Writes a value with one item a line.</summary>
    /// <param name="value">The value; the fields of an object keep their order.</param>
    /// <param name="indent">Spaces for each level; <c>null</c> for a single line.</param>
    public static string Write(JsonNode? value, int? indent)
    {
        StringBuilder text = new();
        Append(text, value, indent, level: 0);
        return text.ToString();
    }

    /// <summary>Writes a value that was read.</summary>
    public static string Write(JsonElement value) => Write(JsonSerializer.SerializeToNode(value));

    /// <summary>
    /// What Python wrote as JSON in the form of the standard, which has no names for numbers without an end: they
    /// become numbers too large for a double, which are read as the same, and what is no number becomes null.
    /// </summary>
    public static string Standard(string text) =>
        text.Contains(Infinite, StringComparison.Ordinal) || text.Contains(NoNumber, StringComparison.Ordinal)
            ? TextOrName().Replace(text, found => found.Value switch
            {
                Infinite => "1e999",
                NoNumber => "null",
                _ => found.Value,
            })
            : text;

    private static void Append(StringBuilder text, JsonNode? value, int? indent, int level)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject fields:
                AppendAll(text, "{}", fields, indent, level, field =>
                {
                    AppendQuoted(text, field.Key);
                    text.Append(": ");
                    Append(text, field.Value, indent, level + 1);
                });
                break;
            case JsonArray items:
                AppendAll(text, "[]", items, indent, level, item => Append(text, item, indent, level + 1));
                break;
            case JsonValue leaf when leaf.GetValueKind() == JsonValueKind.String:
                AppendQuoted(text, leaf.GetValue<string>());
                break;
            case JsonValue leaf:
                AppendWord(text, leaf);
                break;
        }
    }

    private static void AppendAll<T>(
        StringBuilder text, string brackets, ICollection<T> items, int? indent, int level, Action<T> append)
    {
        text.Append(brackets[0]);
        string separator = string.Empty;
        foreach (T item in items)
        {
            text.Append(separator);
            BreakLine(level + 1);
            append(item);
            separator = indent is null ? ", " : ",";
        }

        if (items.Count > 0)
        {
            BreakLine(level);
        }

        text.Append(brackets[1]);

        void BreakLine(int depth)
        {
            if (indent is int spaces)
            {
                text.Append('\n').Append(' ', spaces * depth);
            }
        }
    }

    /// <summary>Appends a number, true or false.</summary>
    private static void AppendWord(StringBuilder text, JsonValue leaf)
    {
        if (leaf.TryGetValue(out JsonElement read) && read.ValueKind == JsonValueKind.Number)
        {
            // With a point or an exponent Python reads a float; a whole number has no end.
            string raw = read.GetRawText();
            text.Append(raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0
                ? raw
                : Float(double.Parse(raw, CultureInfo.InvariantCulture)));
        }
        else
        {
            text.Append(leaf.TryGetValue(out double number) ? Float(number) : leaf.ToJsonString());
        }
    }

    private static string Float(double value) => value switch
    {
        double.NaN => NoNumber,
        double.PositiveInfinity => Infinite,
        double.NegativeInfinity => $"-{Infinite}",
        _ => PythonNumber.Repr(value),
    };

    private static void AppendQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\f' => text.Append("\\f"),
                '\b' => text.Append("\\b"),
                >= ' ' and <= '~' => text.Append(c),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            };
        }

        text.Append('"');
    }

    // Texts are found too, so that names inside them are passed over.
    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""|Infinity|NaN", RegexOptions.Singleline)]
    private static partial Regex TextOrName();
}
