using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Python;
using Microsoft.Extensions.AI;

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

    /// <summary>The request that a chat client is given: texts and the settings that judges know.</summary>
    /// <param name="messages">What is said, in order.</param>
    /// <param name="options">The settings, with the model's name among them.</param>
    public static JudgeRequest Of(IEnumerable<ChatMessage> messages, ChatOptions options) => new(
        options.ModelId!,
        [.. messages.Select(message => new JudgeMessage(message.Role.Value, message.Text))],
        options.Temperature is float temperature ? Shortest(temperature) : null,
        options.MaxOutputTokens);

    /// <summary>The messages as chat clients take them.</summary>
    public IEnumerable<ChatMessage> ToChatMessages() =>
        Messages.Select(message => new ChatMessage(new ChatRole(message.Role), message.Content));

    /// <summary>The settings as chat clients take them.</summary>
    public ChatOptions ToChatOptions() => new()
    {
        ModelId = Model,
        Temperature = (float?)Temperature,
        MaxOutputTokens = MaxTokens,
    };

    /// <summary>What two requests have in common only if they are the same.</summary>
    public string Hash() => HashOf(ToJson());

    /// <summary>The <see cref="Hash"/> of a request that was stored.</summary>
    public static string HashOf(JsonNode request) =>
        Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(PythonJson.Write(request))));

    /// <summary>The number that was meant: 0.2 and not the fraction that single precision has for it.</summary>
    private static double Shortest(float number) => (double)(decimal)number;
}
