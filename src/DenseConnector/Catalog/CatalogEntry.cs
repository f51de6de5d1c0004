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

    /// <summary>
    /// The hub repository its authors publish, or <c>null</c> for a model that comes with the tool or is not published.
    /// </summary>
    [JsonPropertyName("repository")]
    public string? Repository { get; init; }

    /// <summary>Whether its weights are published; the authors have announced the others only.</summary>
    [JsonPropertyName("published")]
    public bool Published { get; init; } = true;

    /// <summary>The vision tower: its hub repository, or words for a small one.</summary>
    [JsonPropertyName("vision")]
    public required string Vision { get; init; }

    /// <summary>The connector's configuration name.</summary>
    [JsonPropertyName("connector")]
    public required string Connector { get; init; }

    /// <summary>The language model.</summary>
    [JsonPropertyName("decoder")]
    public required string Decoder { get; init; }

    /// <summary>How pictures are laid out: <c>pad</c>, <c>anyres</c> or <c>mini-gemini</c>.</summary>
    [JsonPropertyName("layout")]
    public required string Layout { get; init; }

    /// <summary>How many weights the model has in memory: of towers, only those that are used.</summary>
    [JsonPropertyName("parameters")]
    public required long Parameters { get; init; }

    /// <summary>The prompt template the model was trained with.</summary>
    [JsonPropertyName("promptTemplate")]
    public required string PromptTemplate { get; init; }

    /// <summary>The licence of the weights, or of the part of them that decides it.</summary>
    [JsonPropertyName("license")]
    public required string License { get; init; }

    /// <summary>The authors' published scores, by benchmark; empty where there are none.</summary>
    [JsonPropertyName("scores")]
    public IReadOnlyDictionary<string, double> Scores { get; init; } = new Dictionary<string, double>();
}
