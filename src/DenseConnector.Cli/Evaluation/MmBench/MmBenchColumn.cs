using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>Gives the values of a column the type that pandas gives them, which is one for the whole column.</summary>
internal static partial class MmBenchColumn
{
    private const NumberStyles Style = NumberStyles.Float;

    /// <summary>
    /// The values: whole numbers, else numbers, else true and false, else texts; <c>null</c> where one is missing.
    /// </summary>
    public static IReadOnlyList<JsonNode?> Read(IReadOnlyList<string?> texts)
    {
        string[] present = [.. texts.OfType<string>()];
        if (present.All(Whole().IsMatch))
        {
            return Wholes(texts, [.. present.Select(Parse)]);
        }

        if (present.All(text => Number().IsMatch(text) && IsFiniteOrNamed(text)))
        {
            return Each(texts, text => JsonValue.Create(Double(text)));
        }

        return present.All(text => bool.TryParse(text, out _) && text.Trim() == text)
            ? Each(texts, text => JsonValue.Create(bool.Parse(text)))
            : Each(texts, text => JsonValue.Create(text));
    }

    private static IReadOnlyList<JsonNode?> Wholes(IReadOnlyList<string?> texts, BigInteger[] numbers)
    {
        bool isComplete = numbers.Length == texts.Count;
        if (numbers.All(number => number >= long.MinValue && number <= long.MaxValue))
        {
            // Where one is missing the column can only hold floating-point numbers.
            return isComplete
                ? Each(texts, text => JsonValue.Create((long)Parse(text)))
                : Each(texts, text => JsonValue.Create(Double(text)));
        }

        return isComplete && numbers.All(number => number >= 0 && number <= ulong.MaxValue)
            ? Each(texts, text => JsonValue.Create((ulong)Parse(text)))
            : Each(texts, text => JsonValue.Create(text));
    }

    private static IReadOnlyList<JsonNode?> Each(IReadOnlyList<string?> texts, Func<string, JsonNode?> read) =>
        [.. texts.Select(text => text is null ? null : read(text))];

    private static BigInteger Parse(string text) => BigInteger.Parse(text, CultureInfo.InvariantCulture);

    private static double Double(string text) => Infinity().Match(text) is { Success: true } infinity
        ? infinity.Groups["sign"].Value == "-" ? double.NegativeInfinity : double.PositiveInfinity
        : double.Parse(text, Style, CultureInfo.InvariantCulture);

    private static bool IsFiniteOrNamed(string text) => Infinity().IsMatch(text) || double.IsFinite(Double(text));

    [GeneratedRegex(@"\A\s*[+-]?[0-9]+\s*\z", RegexOptions.ECMAScript)]
    private static partial Regex Whole();

    [GeneratedRegex(
        @"\A\s*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?)\s*\z",
        RegexOptions.ECMAScript)]
    private static partial Regex Number();

    [GeneratedRegex(@"\A\s*(?<sign>[+-]?)[iI][nN][fF]", RegexOptions.ECMAScript)]
    private static partial Regex Infinity();
}
