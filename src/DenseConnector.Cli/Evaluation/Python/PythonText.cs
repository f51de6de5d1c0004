using System.Globalization;
using System.Text;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>Operations on text as Python does them, where .NET differs in a few characters.</summary>
internal static class PythonText
{
    private const char Sigma = 'Σ';
    private const char FinalSigma = 'ς';

    /// <summary>The text in lower case: <c>str.lower</c>.</summary>
    /// <remarks>A dotted capital I keeps its dot, and a sigma that ends a word gets its final form.</remarks>
    public static string Lower(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        StringBuilder lower = new(text.Length);
        for (int i = 0; i < runes.Length; i++)
        {
            _ = runes[i].Value switch
            {
                'İ' => lower.Append("i\u0307"),
                Sigma when EndsWord(runes, i) => lower.Append(FinalSigma),
                _ => lower.Append(Rune.ToLowerInvariant(runes[i]).ToString()),
            };
        }

        return lower.ToString();
    }

    /// <summary>The text without white space at both ends: <c>str.strip</c>.</summary>
    public static string Strip(string text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        int end = text.Length;
        while (end > start && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    /// <summary>The words between white space: <c>str.split</c> without an argument.</summary>
    public static string[] Words(string text) =>
        string.Concat(text.Select(c => IsSpace(c) ? ' ' : c)).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether Python counts a character as white space: four separators more than .NET.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    private static bool EndsWord(Rune[] runes, int index) =>
        runes[..index].Reverse().SkipWhile(IsIgnoredByCase).Take(1).Any(HasCase) &&
        !runes[(index + 1)..].SkipWhile(IsIgnoredByCase).Take(1).Any(HasCase);

    private static bool HasCase(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;

    private static bool IsIgnoredByCase(Rune rune) =>
        rune.Value is '\'' or '.' or ':' or '·' or '\u2018' or '\u2019' ||
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;
}
