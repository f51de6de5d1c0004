using System.Text.Json.Serialization;

namespace DenseConnector.Cli.Serving.Contracts;

/// <summary>A whole response: <c>chat.completion</c>.</summary>
internal sealed record ChatCompletion(
    string Id, string Object, long Created, string Model, IReadOnlyList<ChatChoice> Choices, CompletionUsage Usage);

/// <summary>One answer of a response.</summary>
internal sealed record ChatChoice(int Index, AnswerMessage Message, string FinishReason)
{
    /// <summary>Always <c>null</c>: the engine gives none.</summary>
    public string? Logprobs { get; }
}

/// <summary>What the model says.</summary>
internal sealed record AnswerMessage(string Content)
{
    /// <summary>Always the assistant.</summary>
    public string Role { get; } = "assistant";

    /// <summary>Always <c>null</c>: a refusal is text like any other.</summary>
    public string? Refusal { get; }
}

/// <summary>One event of a stream: <c>chat.completion.chunk</c>.</summary>
internal sealed record ChatChunk(
    string Id, string Object, long Created, string Model, IReadOnlyList<ChunkChoice> Choices)
{
    /// <summary>The token counts, on the last event, if asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CompletionUsage? Usage { get; init; }
}

/// <summary>A piece of one answer.</summary>
internal sealed record ChunkChoice(int Index, ChunkDelta Delta, string? FinishReason)
{
    /// <summary>Always <c>null</c>: the engine gives none.</summary>
    public string? Logprobs { get; }
}

/// <summary>What a piece adds.</summary>
internal sealed record ChunkDelta
{
    /// <summary>Who speaks, on an answer's first piece.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    /// <summary>The next characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }
}

/// <summary>Token counts: the prompt once, the answers together.</summary>
internal sealed record CompletionUsage(
    int PromptTokens, int CompletionTokens, int TotalTokens, PromptTokensDetails PromptTokensDetails);

/// <summary>How many tokens of the prompt did not have to be read again.</summary>
internal sealed record PromptTokensDetails(int CachedTokens);
