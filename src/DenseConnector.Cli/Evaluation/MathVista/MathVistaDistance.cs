using System.Text;

namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>How far texts are apart, by which MathVista takes the choice nearest to an answer.</summary>
internal static class MathVistaDistance
{
    /// <summary>The choice nearest to a text, the first of several.</summary>
    /// <exception cref="InvalidOperationException">There are no choices.</exception>
    public static string Nearest(string text, IReadOnlyList<string> choices) =>
        choices.MinBy(choice => Between(text, choice)) ?? throw new InvalidOperationException("There are no choices.");

    /// <summary>
    /// The fewest characters to insert, delete or replace to make one text of the other: the Levenshtein distance over
    /// code points.
    /// </summary>
    public static int Between(string from, string to)
    {
        Rune[] wanted = [.. to.EnumerateRunes()];
        int[] distances = [.. Enumerable.Range(0, wanted.Length + 1)];
        foreach (Rune rune in from.EnumerateRunes())
        {
            int diagonal = distances[0]++;
            for (int i = 0; i < wanted.Length; i++)
            {
                int replaced = diagonal + (rune == wanted[i] ? 0 : 1);
                diagonal = distances[i + 1];
                distances[i + 1] = Math.Min(replaced, Math.Min(diagonal, distances[i]) + 1);
            }
        }

        return distances[^1];
    }
}
