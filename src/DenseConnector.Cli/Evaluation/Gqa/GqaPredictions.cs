using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Gqa;

/// <summary>Converts an answer file of GQA into the predictions that are scored.</summary>
internal static class GqaPredictions
{
    /// <summary>The answer as it is compared: in lower case, without the periods at its end.</summary>
    public static string Normalise(string answer) => PythonText.Lower(answer.TrimEnd('.'));

    /// <summary>The predictions of an answer file, as the file that the official script writes.</summary>
    /// <exception cref="IOException">The file cannot be read or lacks something.</exception>
    public static string Convert(string answerFile) => PythonJson.Write(
        new JsonArray([.. JsonData.ReadLines(answerFile).Select(answer => new JsonObject
        {
            ["questionId"] = JsonNode.Parse(answer.Key("question_id")),
            ["prediction"] = Normalise(answer.Text("text")),
        })]));

    /// <summary>The prediction for each question of an answer file; of several the last counts.</summary>
    /// <exception cref="IOException">The file cannot be read or lacks something.</exception>
    public static IReadOnlyDictionary<string, string> Read(string answerFile)
    {
        Dictionary<string, string> predictions = [];
        foreach (JsonRecord answer in JsonData.ReadLines(answerFile))
        {
            predictions[answer.Key("question_id")] = Normalise(answer.Text("text"));
        }

        return predictions;
    }
}
