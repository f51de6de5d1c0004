using System.Text.RegularExpressions;

namespace DenseConnector.Cli.Evaluation.ScienceQa;

/// <summary>Finds the letter that an answer to a question of ScienceQA chooses.</summary>
internal static partial class ScienceQaLetter
{
    /// <summary>The letters there are, in the order of the choices.</summary>
    public const string All = "ABCDE";

    /// <summary>What stands for an answer without a letter.</summary>
    public const string Failed = "FAILED";

    /// <summary>The letter of an answer, which may be beyond <see cref="All"/>, or <see cref="Failed"/>.</summary>
    public static string Find(string answer)
    {
        bool beginsWithLetter = answer.Length > 0 && All.Contains(answer[0], StringComparison.Ordinal);
        if (beginsWithLetter && (answer.Length == 1 || answer.AsSpan(1).StartsWith(". ", StringComparison.Ordinal)))
        {
            return answer[..1];
        }

        MatchCollection sentences = Sentence().Matches(answer);
        return sentences.Count == 1 ? sentences[0].Groups[1].Value : Failed;
    }

    /// <summary>Which of the first choices a letter names, or -1.</summary>
    public static int IndexOf(string letter, int choices) =>
        letter.Length == 1 && All.IndexOf(letter[0], StringComparison.Ordinal) is int index && index < choices
            ? index
            : -1;

    // Any character may end the sentence, but one must.
    [GeneratedRegex("The answer is ([A-Z]).")]
    private static partial Regex Sentence();
}
