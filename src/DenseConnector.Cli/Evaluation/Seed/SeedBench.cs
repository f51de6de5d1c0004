using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Seed;

/// <summary>Scores an answer file of SEED-Bench, and makes the file that its server takes.</summary>
internal sealed class SeedBench
{
    private readonly Dictionary<string, string> _answers = [];
    private readonly Dictionary<int, string> _types;
    private readonly JsonRecord[] _questions;

    /// <summary>Joins the questions with their answers.</summary>
    /// <param name="annotationFile">The questions with their letters: <c>SEED-Bench.json</c>.</param>
    /// <param name="answerFile">The answers; of several to one question the last counts.</param>
    /// <exception cref="IOException">A file cannot be read or lacks something.</exception>
    public SeedBench(string annotationFile, string answerFile)
    {
        foreach (JsonRecord answer in JsonData.ReadLines(answerFile))
        {
            _answers[answer.Key("question_id")] = answer.Text("text");
        }

        JsonRecord annotations = JsonData.Read(annotationFile);
        JsonRecord types = annotations.Object("question_type");
        _types = types.Value.EnumerateObject().ToDictionary(type => types.Number(type.Name), type => type.Name);
        _questions = [.. annotations.List("questions")];
    }

    /// <summary>
    /// The lines that the official script prints: the accuracy by type, of all, of pictures and of videos.
    /// </summary>
    /// <remarks>A type without a right answer has 0 %; the official script ends with an error there.</remarks>
    /// <exception cref="IOException">A question lacks something.</exception>
    public string Report() => string.Concat(ByType
        .Concat([Share("Total accuracy", _questions), Media("image"), Media("video")])
        .Select(share => $"{share.Name}: {PythonNumber.Fixed(share.Percent, 2)}%\n"));

    /// <summary>The share of right answers in percent.</summary>
    public double Total => Share(string.Empty, _questions).Percent;

    /// <summary>The share of right answers to each type of question.</summary>
    /// <exception cref="IOException">A question lacks something.</exception>
    public IEnumerable<(string Name, double Percent, int Count)> ByType =>
        _questions.GroupBy(question => question.Number("question_type_id")).OrderBy(type => type.Key).Select(
            type => Share(
                _types.GetValueOrDefault(type.Key) ?? throw new IOException(
                    $"{type.First().Where}: there is no question type {type.Key}, expected one of " +
                    $"{string.Join(", ", _types.Keys)}."),
                [.. type]));

    /// <summary>The file to upload: the answer to each question.</summary>
    /// <exception cref="IOException">A question has no answer.</exception>
    public string WriteUpload() => string.Concat(_questions.Select(question => PythonJson.Write(new JsonObject
    {
        ["question_id"] = JsonNode.Parse(question.Key("question_id")),
        ["prediction"] = _answers.GetValueOrDefault(question.Key("question_id")) ??
            _answers.GetValueOrDefault(NumberOf(question)) ??
            throw new IOException($"{question.Where}: the question has no answer. Answer all questions first."),
    }) + "\n"));

    private (string Name, double Percent, int Count) Media(string type) => Share(
        $"{type} accuracy", [.. _questions.Where(question => question.Text("data_type") == type)]);

    private (string Name, double Percent, int Count) Share(string name, JsonRecord[] questions) =>
        (name, (double)questions.Count(IsCorrect) / questions.Length * 100, questions.Length);

    private bool IsCorrect(JsonRecord question) =>
        _answers.GetValueOrDefault(NumberOf(question)) == question.Text("answer");

    /// <summary>The id as the answers have it: a number where the annotations write one as text.</summary>
    public static string NumberOf(JsonRecord question)
    {
        string key = question.Key("question_id");
        return key.StartsWith('"') && PythonNumber.TryParseInteger(question.Text("question_id"), out BigInteger number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : key;
    }
}
