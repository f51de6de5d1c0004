using System.Text;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Vqa;

/// <summary>
/// Brings answers of TextVQA, VQAv2 and VizWiz into the form in which they are compared: without articles and
/// punctuation, with digits for number words.
/// </summary>
/// <remarks>Follows the official script in its oddities too: scores are compared with those it gave.</remarks>
internal static class VqaNormaliser
{
    // The official script passes a flag of this value where the number of replacements belongs.
    private const int RemovedPeriods = 32;

    // Commas and question marks are gone before.
    private const string Punctuation = ";/[]\"{}()=+\\_-><@`!";

    private static readonly string[] Numbers =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    /// <summary>The comparable form of an answer.</summary>
    public static string Normalise(string answer)
    {
        string text = PythonText.Lower(answer)
            .Replace(",", string.Empty, StringComparison.Ordinal)
            .Replace("?", string.Empty, StringComparison.Ordinal)
            .Replace("'s", " 's", StringComparison.Ordinal);
        text = PythonText.Strip(text.Replace('\n', ' ').Replace('\t', ' '));
        IEnumerable<string> words = PythonText.Words(RemovePeriods(RemovePunctuation(text)))
            .Select(NumberOf)
            .Where(word => word is not ("a" or "an" or "the"))
            .Select(word => VqaContractions.All.GetValueOrDefault(word, word));
        return string.Join(' ', words);
    }

    /// <summary>Deletes each mark that touches a space anywhere; of others each becomes a space.</summary>
    private static string RemovePunctuation(string text)
    {
        string rest = text;
        foreach (char mark in Punctuation)
        {
            bool touchesSpace = text.Contains($"{mark} ", StringComparison.Ordinal) ||
                text.Contains($" {mark}", StringComparison.Ordinal);
            rest = rest.Replace(mark.ToString(), touchesSpace ? string.Empty : " ", StringComparison.Ordinal);
        }

        return rest;
    }

    /// <summary>Deletes the first periods that no digit follows.</summary>
    private static string RemovePeriods(string text)
    {
        StringBuilder rest = new(text.Length);
        int removed = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool beforeDigit = i + 1 < text.Length && Rune.TryGetRuneAt(text, i + 1, out Rune next) &&
                Rune.IsDigit(next);
            if (text[i] == '.' && !beforeDigit && removed < RemovedPeriods)
            {
                removed++;
            }
            else
            {
                rest.Append(text[i]);
            }
        }

        return rest.ToString();
    }

    private static string NumberOf(string word) =>
        word == "none" ? "0" : Array.IndexOf(Numbers, word) is int number and >= 0 ? $"{number}" : word;
}
