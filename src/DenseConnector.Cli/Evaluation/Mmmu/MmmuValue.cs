using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>An answer to an open question of MMMU in the form in which it is compared: a number or a text.</summary>
/// <param name="Text">The text; <c>null</c> for a number.</param>
/// <param name="Number">The number.</param>
internal readonly record struct MmmuValue(string? Text, double Number)
{
    // A hundredth is as fine as numbers are compared.
    private const int Places = 2;

    /// <summary>The forms of a text.</summary>
    /// <remarks>A single character has two, with a space on either side, so that it is not found in words.</remarks>
    public static IReadOnlyList<MmmuValue> Normalize(string text)
    {
        string stripped = PythonText.Strip(text);
        if (PythonFloat.Parse(stripped.Replace(",", string.Empty, StringComparison.Ordinal)) is double number)
        {
            return [new MmmuValue(null, PythonFloat.Round(number, Places))];
        }

        string lower = PythonText.Lower(stripped);
        return lower.EnumerateRunes().Count() == 1
            ? [new MmmuValue($" {lower}", 0), new MmmuValue($"{lower} ", 0)]
            : [new MmmuValue(lower, 0)];
    }

    /// <summary>Whether this, as an answer, agrees with a right one: holds its text or is the same number.</summary>
    public bool Meets(MmmuValue right) => Text is null
        ? right.Text is null && Number == right.Number
        : right.Text is not null && Text.Contains(right.Text, StringComparison.Ordinal);

    /// <summary>The value as answer files have it.</summary>
    public JsonNode Write() => Text is null ? JsonValue.Create(Number) : JsonValue.Create(Text);

    /// <summary>Whether Python counts two as one in a set: what is no number is never the same.</summary>
    public bool IsSame(MmmuValue other) => Text == other.Text && Number == other.Number;
}
