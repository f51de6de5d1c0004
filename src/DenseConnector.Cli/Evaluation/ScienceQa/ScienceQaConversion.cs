using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.ScienceQa;

/// <summary>
/// Turns the problems of ScienceQA into LLaVA's question file: the context, the question and its options to a human,
/// the right letter from the model (<c>convert_sqa_to_llava.py</c> with the format CQM-A).
/// </summary>
internal static class ScienceQaConversion
{
    /// <summary>The questions of a split.</summary>
    /// <param name="problemFile">All problems: <c>problems.json</c>.</param>
    /// <param name="splitFile">Which problems each split has: <c>pid_splits.json</c>.</param>
    /// <param name="split">The split.</param>
    /// <exception cref="IOException">A file cannot be read or lacks something.</exception>
    public static JsonArray Convert(string problemFile, string splitFile, string split)
    {
        JsonRecord problems = JsonData.Read(problemFile);
        return [.. JsonData.Read(splitFile).Texts(split).Distinct().Select(id => Convert(id, problems.Object(id)))];
    }

    private static JsonObject Convert(string id, JsonRecord problem)
    {
        string question = Ask(problem);
        string? image = problem.OptionalText("image");
        JsonObject converted = new() { ["id"] = id };
        if (image is not null)
        {
            converted["image"] = $"{id}/{image}";
            question += "\n<image>";
        }

        converted["conversations"] =
            new JsonArray(Turn("human", question), Turn("gpt", $"The answer is {Letter(problem)}."));
        return converted;
    }

    private static string Ask(JsonRecord problem)
    {
        string hint = PythonText.Strip(problem.Text("hint"));
        IReadOnlyList<string> choices = problem.Texts("choices");
        if (choices.Count > ScienceQaLetter.All.Length)
        {
            throw new IOException(
                $"{problem.Where}: {choices.Count} 'choices', expected at most {ScienceQaLetter.All.Length}.");
        }

        IEnumerable<string> options = choices.Select((choice, i) => $"({ScienceQaLetter.All[i]}) {choice}");
        string text = $"Context: {(hint.Length == 0 ? "N/A" : hint)}\nQuestion: {problem.Text("question")}\n" +
            $"Options: {string.Join(' ', options)}\n";

        // Pairs of spaces become one, once: of three, two are left.
        return PythonText.Strip(text.Replace("  ", " ", StringComparison.Ordinal));
    }

    private static char Letter(JsonRecord problem)
    {
        int answer = problem.Number("answer");
        int choices = problem.Texts("choices").Count;
        return answer >= 0 && answer < choices
            ? ScienceQaLetter.All[answer]
            : throw new IOException($"{problem.Where}: 'answer' is {answer}, expected one of {choices} choices.");
    }

    private static JsonObject Turn(string from, string value) => new() { ["from"] = from, ["value"] = value };
}
