using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MmVet;

/// <summary>
/// Converts an answer file of MM-Vet into the results that are graded, here or by the official server.
/// </summary>
internal static class MmVetResults
{
    private const string Version = "v1_";
    private const int Indent = 2;

    /// <summary>The answers by the ids of MM-Vet; of several to one question the last counts.</summary>
    /// <exception cref="IOException">The file cannot be read or lacks something.</exception>
    public static OrderedDictionary<string, string> Read(string answerFile)
    {
        OrderedDictionary<string, string> results = [];
        foreach (JsonRecord answer in JsonData.ReadLines(answerFile))
        {
            results[NameOf(ItemName.Of(answer, "question_id"))] = answer.Text("text");
        }

        return results;
    }

    /// <summary>The id of MM-Vet that a question's number in the question file means.</summary>
    public static string NameOf(string question) => Version + question;

    /// <summary>The file that the official script writes.</summary>
    public static string Write(OrderedDictionary<string, string> results) => PythonJson.Write(
        new JsonObject(results.Select(result => KeyValuePair.Create(result.Key, (JsonNode?)result.Value))), Indent);
}
