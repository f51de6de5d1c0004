using System.Text.Json.Serialization;

namespace DenseConnector.Catalog;

/// <summary>One row of <c>models.json</c>: what a checkpoint's own files do not say.</summary>
internal sealed record CatalogEntry
{
    /// <summary>The short name users type.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>One line about the model.</summary>
    [JsonPropertyName("description")]
    public required string Description { get; init; }

    /// <summary>The hub repository its authors publish, or <c>null</c> for a model that comes with the tool.</summary>
    [JsonPropertyName("repository")]
    public string? Repository { get; init; }

    /// <summary>The prompt template the model was trained with.</summary>
    [JsonPropertyName("promptTemplate")]
    public required string PromptTemplate { get; init; }

    /// <summary>The licence of the weights.</summary>
    [JsonPropertyName("license")]
    public required string License { get; init; }
}
