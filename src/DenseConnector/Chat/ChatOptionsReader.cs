using DenseConnector.Text;
using Microsoft.Extensions.AI;

namespace DenseConnector.Chat;

/// <summary>Turns the options of a chat request into those of a generation, refusing what cannot be honoured.</summary>
internal static class ChatOptionsReader
{
    /// <summary>The additional property that names a prompt template.</summary>
    public const string TemplateKey = "prompt_template";

    /// <summary>Reads a request's options; what they leave open is as <see cref="GenerationOptions"/> has it.</summary>
    /// <param name="options">The options; not changed. <c>null</c> for none.</param>
    /// <param name="client">The client, for the options' own factory.</param>
    /// <param name="model">The name of the model that will answer.</param>
    /// <exception cref="ArgumentException">
    /// A value is out of its range, another model is asked for, or there is no such prompt template.
    /// </exception>
    /// <exception cref="NotSupportedException">The options ask for what the model cannot do.</exception>
    public static GenerationOptions Read(ChatOptions? options, IChatClient client, string model)
    {
        if (options is null)
        {
            return new GenerationOptions();
        }

        Refuse(options);
        if (options.ModelId is string asked && asked != model)
        {
            throw new ArgumentException(
                $"ModelId is '{asked}', but this client's model is '{model}'.", nameof(options));
        }

        GenerationOptions own = options.RawRepresentationFactory?.Invoke(client) switch
        {
            null => new GenerationOptions(),
            GenerationOptions given => given,
            object other => throw new NotSupportedException(
                $"RawRepresentationFactory gave a {other.GetType()}, expected {typeof(GenerationOptions)}."),
        };
        GenerationOptions read = own with
        {
            MaxNewTokens = options.MaxOutputTokens ?? own.MaxNewTokens,
            Temperature = options.Temperature ?? own.Temperature,
            TopP = options.TopP ?? own.TopP,
            TopK = options.TopK ?? own.TopK,
            FrequencyPenalty = options.FrequencyPenalty ?? own.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? own.PresencePenalty,
            Seed = options.Seed ?? own.Seed,
            PromptTemplate = ReadTemplate(options.AdditionalProperties) ?? own.PromptTemplate,
        };
        return options.StopSequences is { } stops ? read with { StopSequences = [.. stops] } : read;
    }

    private static string? ReadTemplate(AdditionalPropertiesDictionary? properties) =>
        properties?.GetValueOrDefault(TemplateKey) switch
        {
            null => null,
            string name => PromptTemplate.Find(name).Name,
            object other => throw new ArgumentException(
                $"AdditionalProperties[\"{TemplateKey}\"] is a {other.GetType()}, expected a template's name: " +
                $"{string.Join(", ", PromptTemplate.Names)}."),
        };

    private static void Refuse(ChatOptions options)
    {
        string? problem = options switch
        {
            { ResponseFormat: not (null or ChatResponseFormatText) } =>
                "ResponseFormat asks for JSON, but nothing holds the model to a format; leave it unset and ask for " +
                "the format in the text.",
            { ToolMode: RequiredChatToolMode } => "ToolMode requires a tool call, but the model cannot call tools.",
            { Tools.Count: > 0, ToolMode: not NoneChatToolMode } =>
                "Tools are given, but the model cannot call them; leave them out or set ToolMode to None.",
            { ConversationId: not null } =>
                "ConversationId is set, but no conversations are kept here; send all messages each time.",
            { ContinuationToken: not null } =>
                "ContinuationToken is set, but answers are not made in the background and cannot be resumed; ask anew.",
            { Reasoning: not null and not { Effort: null or ReasoningEffort.None } } =>
                "Reasoning is asked for, but the model answers without.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new NotSupportedException(problem);
        }
    }
}
