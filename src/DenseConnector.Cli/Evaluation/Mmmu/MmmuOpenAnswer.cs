using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>What a model's text says in answer to an open question of MMMU.</summary>
internal static class MmmuOpenAnswer
{
    // An answer follows one of these; in the last line it may follow an equals sign too.
    private static readonly string[] Signs =
        ["could be ", "so ", "is ", "thus ", "therefore ", "final ", "answer ", "result "];

    private static readonly string[] SignsOfTheLast = [.. Signs, "="];
    private static readonly string[] Trivial = [":", ",", ".", "!", "?", ";", "'"];

    /// <summary>Every value the text may mean, each once.</summary>
    public static IReadOnlyList<MmmuValue> Read(string response)
    {
        string[] parts = Parts(response);
        List<MmmuValue> values = [];
        foreach (MmmuValue value in parts.Concat(parts.SelectMany(MmmuNumbers.Find)).SelectMany(MmmuValue.Normalize))
        {
            if (!values.Exists(value.IsSame))
            {
                values.Add(value);
            }
        }

        return values;
    }

    /// <summary>The shortest end of each line that follows a sign; the whole text if there is none.</summary>
    /// <remarks>
    /// Sentences are not told apart: the official script looks for the capital that begins the next one after it has
    /// put the text in lower case.
    /// </remarks>
    private static string[] Parts(string response)
    {
        string text = PythonText.Lower(PythonText.Strip(response).Trim('.'));
        string[] lines = text.Split('\n');
        string[] parts = [.. lines
            .Select((line, i) => Shortest(line, i == lines.Length - 1 ? SignsOfTheLast : Signs))
            .Where(part => part.Length > 0 && !Trivial.Contains(part))];
        return parts is [] ? [text] : parts;
    }

    private static string Shortest(string line, string[] signs) => signs
        .Where(sign => line.Contains(sign, StringComparison.Ordinal))
        .Select(sign => PythonText.Strip(line.Split(sign)[^1]))
        .Aggregate(string.Empty, (best, end) => best.Length == 0 || end.Length < best.Length ? end : best);
}
