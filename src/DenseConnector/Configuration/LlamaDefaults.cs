namespace DenseConnector.Configuration;

/// <summary>
/// What transformers' <c>LlamaConfig</c> takes for sizes that a configuration leaves out: those of Llama 7B.
/// </summary>
internal sealed record LlamaDefaults
{
    /// <summary>The class's own <c>model_type</c>.</summary>
    public string ModelType { get; } = "llama";

    /// <summary>Rows of the token embedding.</summary>
    public int VocabularySize { get; } = 32000;

    /// <summary>Width of the residual stream.</summary>
    public int HiddenSize { get; } = 4096;

    /// <summary>Width inside the feed-forward block.</summary>
    public int IntermediateSize { get; } = 11008;

    /// <summary>Number of decoder layers.</summary>
    public int Layers { get; } = 32;

    /// <summary>Number of query heads.</summary>
    public int Heads { get; } = 32;
}
