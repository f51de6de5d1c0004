namespace DenseConnector.Configuration;

/// <summary>A LoRA adapter's <c>adapter_config.json</c>, read and checked.</summary>
/// <remarks>Immutable.</remarks>
internal sealed record LoraConfig
{
    /// <summary>The file's name in the adapter's folder.</summary>
    public const string FileName = "adapter_config.json";

    /// <summary>The inner width of every pair of matrices (<c>r</c>).</summary>
    public required int Rank { get; init; }

    /// <summary>What a pair's product is multiplied by: alpha / r, or alpha / √r if rank-stabilised.</summary>
    public required double Scale { get; init; }

    /// <summary>
    /// The last names of the layers that are adapted, or <c>null</c> where the configuration gives a pattern instead.
    /// </summary>
    public required IReadOnlySet<string>? Targets { get; init; }
}
