using System.Text;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mme;

/// <summary>Scores the tables that <see cref="MmeConversion"/> makes.</summary>
internal static class MmeScorer
{
    private const int LabelLength = 4;

    /// <summary>The tasks that ask what is to be seen.</summary>
    public static IReadOnlyList<string> Perception { get; } =
    [
        "existence", "count", "position", "color", "posters", "celebrity", "scene", "landmark", "artwork", "OCR",
    ];

    /// <summary>The tasks that ask what follows from it.</summary>
    public static IReadOnlyList<string> Cognition { get; } =
        ["commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning"];

    /// <summary>What an answer says, by its first four characters: yes, no or other.</summary>
    public static string LabelOf(string answer)
    {
        StringBuilder start = new();
        start.AppendJoin(string.Empty, PythonText.Lower(answer).EnumerateRunes().Take(LabelLength));
        return start.ToString() switch
        {
            string text when text.Contains("yes", StringComparison.Ordinal) => "yes",
            string text when text.Contains("no", StringComparison.Ordinal) => "no",
            _ => "other",
        };
    }

    /// <summary>Scores the table of a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="table">Its table, the two questions of a picture one after the other.</param>
    /// <exception cref="IOException">The table is not as expected.</exception>
    public static MmeScore Score(string task, string table)
    {
        bool[] right = [.. table.Split('\n').SkipLast(1)
            .Select((line, i) => IsRight($"MME {task}: line {i + 1}", line))];
        return right.Length > 0 && right.Length % 2 == 0
            ? new MmeScore(
                task, right.Length, right.Count(isRight => isRight), right.Chunk(2).Count(pair => pair[0] && pair[1]))
            : throw new IOException(
                $"MME {task}: there are {right.Length} answers, expected two for each picture. Answer all questions.");
    }

    /// <summary>The lines that the official script prints.</summary>
    /// <param name="tables">The table of each task.</param>
    /// <exception cref="IOException">A task is missing, or its table is not as expected.</exception>
    public static string Report(IReadOnlyDictionary<string, string> tables) =>
        Report("Perception", Perception, tables) + Report("Cognition", Cognition, tables);

    /// <summary>Scores several tasks.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="tables">The table of each task.</param>
    /// <exception cref="IOException">A task is missing, or its table is not as expected.</exception>
    public static IReadOnlyList<MmeScore> Score(
        IReadOnlyList<string> tasks, IReadOnlyDictionary<string, string> tables) =>
        [.. tasks.Select(task => Score(task, tables.GetValueOrDefault(task) ??
            throw new IOException($"MME: the task '{task}' has no answers. Answer all questions.")))];

    private static string Report(
        string title, IReadOnlyList<string> tasks, IReadOnlyDictionary<string, string> tables)
    {
        IReadOnlyList<MmeScore> scores = Score(tasks, tables);
        IEnumerable<string> lines = scores.Select(
            score => $"\t {score.Task}  score: {PythonNumber.Repr(score.Score)}\n");
        return $"=========== {title} ===========\n" +
            $"total score: {PythonNumber.Repr(scores.Sum(score => score.Score))} \n\n{string.Concat(lines)}\n\n";
    }

    private static bool IsRight(string where, string line)
    {
        string[] columns = line.Split('\t');
        if (columns.Length != 4 || PythonText.Lower(columns[2]) is not ("yes" or "no"))
        {
            throw new IOException(
                $"{where} is '{line}', expected picture, question, yes or no, and an answer without tabs and line " +
                "breaks.");
        }

        return LabelOf(columns[3]) == PythonText.Lower(columns[2]);
    }
}
