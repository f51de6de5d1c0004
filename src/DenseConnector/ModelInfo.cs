namespace DenseConnector;

/// <summary>What was loaded, for display.</summary>
public sealed record ModelInfo
{
    /// <summary>The name the model was loaded by.</summary>
    public required string Name { get; init; }

    /// <summary>The checkpoint folder.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// The name without the path, if it is one: what the model is called where this machine's folders are nobody's
    /// business.
    /// </summary>
    internal string ShortName => Name == Folder ? new DirectoryInfo(Folder).Name : Name;

    /// <summary>The architecture: <c>model_type</c> of <c>config.json</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The vision encoder: <c>model_type</c> of the tower's configuration.</summary>
    public required string VisionEncoder { get; init; }

    /// <summary>The connector's configuration name: <c>sti</c>, <c>sci</c>, <c>dci</c> or <c>none</c>.</summary>
    public required string Connector { get; init; }

    /// <summary>The name of the prompt template.</summary>
    public required string PromptTemplate { get; init; }

    /// <summary>Visual tokens of one picture.</summary>
    public required int VisualTokensPerPicture { get; init; }

    /// <summary>The most tokens that prompt and answer together may have.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Number of weights in use, unused layers of the vision tower not counted.</summary>
    public required long Parameters { get; init; }

    /// <summary>The number format the model is computed in; never <see cref="Precision.Auto"/>.</summary>
    public required Precision Precision { get; init; }

    /// <summary>The format the language model's matrices are kept in.</summary>
    public required Quantization Quantization { get; init; }

    /// <summary>The device the model runs on, for example <c>cpu</c> or <c>cuda:0</c>.</summary>
    public required string Device { get; init; }
}
