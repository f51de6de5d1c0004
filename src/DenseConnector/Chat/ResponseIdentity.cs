using Microsoft.Extensions.AI;
using ChatRole = Microsoft.Extensions.AI.ChatRole;

namespace DenseConnector.Chat;

/// <summary>What all parts of one response say alike, and how they are written for <c>IChatClient</c>.</summary>
/// <param name="model">The name of the model that answers.</param>
internal sealed class ResponseIdentity(string model)
{
    private readonly string _responseId = $"response-{Guid.NewGuid():N}";
    private readonly string _messageId = $"message-{Guid.NewGuid():N}";
    private readonly DateTimeOffset _createdAt = DateTimeOffset.UtcNow;

    /// <summary>A whole answer.</summary>
    public ChatResponse Describe(GenerationResult result) => new(
        new ChatMessage(ChatRole.Assistant, result.Text)
        {
            MessageId = _messageId,
            CreatedAt = _createdAt,
            RawRepresentation = result,
        })
    {
        ResponseId = _responseId,
        ModelId = model,
        CreatedAt = _createdAt,
        FinishReason = Translate(result.FinishReason),
        Usage = Translate(result.Usage),
        RawRepresentation = result,
    };

    /// <summary>A piece of an answer.</summary>
    public ChatResponseUpdate Describe(GenerationUpdate update)
    {
        List<AIContent> contents = [];
        if (update.Text.Length > 0)
        {
            contents.Add(new TextContent(update.Text));
        }

        if (update.Usage is TokenUsage usage)
        {
            contents.Add(new UsageContent(Translate(usage)));
        }

        return new ChatResponseUpdate(ChatRole.Assistant, contents)
        {
            ResponseId = _responseId,
            MessageId = _messageId,
            ModelId = model,
            CreatedAt = _createdAt,
            FinishReason = update.FinishReason is FinishReason reason ? Translate(reason) : null,
            RawRepresentation = update,
        };
    }

    private static ChatFinishReason Translate(FinishReason reason) =>
        reason == FinishReason.Length ? ChatFinishReason.Length : ChatFinishReason.Stop;

    private static UsageDetails Translate(TokenUsage usage) => new()
    {
        InputTokenCount = usage.PromptTokens,
        OutputTokenCount = usage.GeneratedTokens,
        TotalTokenCount = usage.PromptTokens + usage.GeneratedTokens,
        CachedInputTokenCount = usage.CachedTokens,
    };
}
