using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation.Pope;

/// <summary>Scores an answer file of POPE against the labels of each category.</summary>
internal static class PopeScorer
{
    private const string Prefix = "coco_pope_";
    private const string Extension = ".json";

    /// <summary>Whether an answer means yes: every one whose first sentence does not say no.</summary>
    /// <remarks>Only the very words count: "NO" or "No!" mean yes.</remarks>
    public static bool MeansYes(string answer) =>
        !answer.Split('.')[0].Replace(",", string.Empty, StringComparison.Ordinal).Split(' ')
            .Any(word => word is "No" or "not" or "no");

    /// <summary>Scores each category, in the order of the names of the label files.</summary>
    /// <param name="labelFolder">The label files: <c>coco_pope_(category).json</c>.</param>
    /// <param name="questionFile">The questions, which know their category.</param>
    /// <param name="answerFile">The answers, in the order of the labels.</param>
    /// <exception cref="IOException">A file cannot be read, or its name or content is not as expected.</exception>
    public static IReadOnlyList<PopeScore> Score(string labelFolder, string questionFile, string answerFile)
    {
        Dictionary<string, string> categories = [];
        foreach (JsonRecord question in JsonData.ReadLines(questionFile))
        {
            categories[question.Key("question_id")] = question.Text("category");
        }

        ILookup<string, bool> answers = JsonData.ReadLines(answerFile).ToLookup(
            answer => categories.GetValueOrDefault(answer.Key("question_id")) ?? throw new IOException(
                $"{answer.Where}: {questionFile} has no question {answer.Key("question_id")}."),
            answer => MeansYes(answer.Text("text")));
        return [.. ReadLabels(labelFolder)
            .Select(labels => Score(labels.Key, [.. answers[labels.Key]], labels.Value))];
    }

    /// <summary>Whether yes is right, for the questions of each category in their order.</summary>
    /// <param name="folder">The label files.</param>
    /// <exception cref="IOException">A file cannot be read, or its name is not as expected.</exception>
    public static IReadOnlyList<KeyValuePair<string, IEnumerable<bool>>> ReadLabels(string folder) =>
        [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(
            file => KeyValuePair.Create(CategoryOf(file), JsonData.ReadLines(file).Select(IsYes)))];

    private static string CategoryOf(string file)
    {
        string name = Path.GetFileName(file);
        return name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal)
            ? name[Prefix.Length..^Extension.Length]
            : throw new IOException(
                $"{file} lies among the labels of POPE; expected only files named {Prefix}(category){Extension}.");
    }

    private static bool IsYes(JsonRecord label) => label.Text("label") != "no";

    private static PopeScore Score(string category, bool[] answers, IEnumerable<bool> labels)
    {
        // Answers and labels belong together by their order; what one side has more than the other counts nowhere.
        (bool Yes, bool Label)[] pairs = [.. answers.Zip(labels)];
        return new PopeScore(
            category,
            answers.Length,
            answers.Count(yes => yes),
            TruePositives: pairs.Count(pair => pair is (true, true)),
            FalsePositives: pairs.Count(pair => pair is (true, false)),
            TrueNegatives: pairs.Count(pair => pair is (false, false)),
            FalseNegatives: pairs.Count(pair => pair is (false, true)));
    }
}
