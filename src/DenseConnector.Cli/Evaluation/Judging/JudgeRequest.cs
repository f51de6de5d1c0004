using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>What a judge is asked; what is <c>null</c> is left to the judge.</summary>
/// <param name="Model">The judge's name.</param>
/// <param name="Messages">What is said to it, in order.</param>
/// <param name="Temperature">How freely it samples.</param>
/// <param name="MaxTokens">How long its reply may be, in tokens.</param>
internal sealed record JudgeRequest(
    string Model, IReadOnlyList<JudgeMessage> Messages, double? Temperature = null, int? MaxTokens = null)
{
    /// <summary>The request in the words of the API that the official scripts call.</summary>
    public JsonObject ToJson()
    {
        JsonObject json = new()
        {
            ["model"] = Model,
            ["messages"] = new JsonArray([.. Messages.Select(message => new JsonObject
            {
                ["role"] = message.Role,
                ["content"] = message.Content,
            })]),
        };
        if (Temperature is double temperature)
        {
            json["temperature"] = temperature;
        }

        if (MaxTokens is int tokens)
        {
            json["max_tokens"] = tokens;
        }

        return json;
    }

    /// <summary>What two requests have in common only if they are the same.</summary>
    public string Hash() => HashOf(ToJson());

    /// <summary>The <see cref="Hash"/> of a request that was stored.</summary>
    public static string HashOf(JsonNode request) =>
        Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(PythonJson.Write(request))));
}
