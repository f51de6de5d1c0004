namespace DenseConnector.Configuration;

/// <summary>A vision tower of the CLIP form: patches, a transformer, hidden states.</summary>
/// <remarks>Immutable.</remarks>
internal sealed record VisionConfig
{
    /// <summary>The <c>model_type</c> of the tower's configuration; it selects the encoder.</summary>
    public required string ModelType { get; init; }

    /// <summary>The object the values stand in, for errors that are found later.</summary>
    public required ConfigJson Json { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the feed-forward block.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of layers in the file; an encoder may run fewer.</summary>
    public required int Layers { get; init; }

    /// <summary>Number of attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Side of the square input picture, in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Side of a square patch, in pixels.</summary>
    public required int PatchSize { get; init; }

    /// <summary>The epsilon of the normalisation layers.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>The activation's configuration name, for example <c>quick_gelu</c>.</summary>
    public required string Activation { get; init; }

    /// <summary>Patches along one side.</summary>
    public int PatchesPerSide => ImageSize / PatchSize;

    /// <summary>Patches of one picture.</summary>
    public int Patches => PatchesPerSide * PatchesPerSide;
}
