using System.Text.Json;
using System.Text.Json.Serialization;

namespace DenseConnector.Cli.Serving.Contracts;

/// <summary>The body of <c>POST /v1/chat/completions</c>, as far as it can be honoured.</summary>
internal sealed record ChatCompletionRequest
{
    /// <summary>The model that is to answer.</summary>
    public string? Model { get; init; }

    /// <summary>The dialogue, the question last.</summary>
    public IReadOnlyList<RequestMessage>? Messages { get; init; }

    /// <summary>Whether the answer comes piece by piece.</summary>
    public bool? Stream { get; init; }

    /// <summary>What a stream has besides its pieces.</summary>
    public StreamOptions? StreamOptions { get; init; }

    /// <summary>How many answers are made.</summary>
    public int? N { get; init; }

    /// <summary>One text or several that end the answer.</summary>
    public JsonElement? Stop { get; init; }

    /// <summary>Makes sampling repeatable.</summary>
    public long? Seed { get; init; }

    /// <summary>The older name of <see cref="MaxCompletionTokens"/>.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>The most tokens of each answer.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>See <see cref="GenerationOptions.Temperature"/>; greedy if not given.</summary>
    public float? Temperature { get; init; }

    /// <summary>See <see cref="GenerationOptions.TopP"/>.</summary>
    public float? TopP { get; init; }

    /// <summary>See <see cref="GenerationOptions.FrequencyPenalty"/>.</summary>
    public float? FrequencyPenalty { get; init; }

    /// <summary>See <see cref="GenerationOptions.PresencePenalty"/>.</summary>
    public float? PresencePenalty { get; init; }

    /// <summary>See <see cref="GenerationOptions.PromptTemplate"/>; not of OpenAI's.</summary>
    public string? PromptTemplate { get; init; }

    /// <summary>All that is not above: looked at by <see cref="OtherFields"/>.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>One message of a request.</summary>
internal sealed record RequestMessage
{
    /// <summary>Who says it.</summary>
    public string? Role { get; init; }

    /// <summary>A text, or a list of texts and pictures.</summary>
    public JsonElement? Content { get; init; }

    /// <summary>All that is not above.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>The <c>stream_options</c> of a request.</summary>
internal sealed record StreamOptions
{
    /// <summary>Whether a last event counts the tokens.</summary>
    public bool? IncludeUsage { get; init; }

    /// <summary>All that is not above.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
