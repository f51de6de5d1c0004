namespace DenseConnector.Configuration;

/// <summary>The language model of a checkpoint: one record for all decoder families.</summary>
/// <remarks>Keys that only one family has are read by that family from <see cref="Json"/>. Immutable.</remarks>
internal sealed record DecoderConfig
{
    /// <summary>The <c>model_type</c> of <c>config.json</c>; it selects the decoder.</summary>
    public required string ModelType { get; init; }

    /// <summary>Rows of the token embedding and of the output head.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the feed-forward block.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Number of key and value heads; it divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of one head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>The epsilon of the normalisation layers.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>The base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>The most positions, prompt and answer together, the model was made for.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Whether the query, key and value projections of attention have biases.</summary>
    public required bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the output projection of attention has a bias.</summary>
    public required bool OutputBias { get; init; }

    /// <summary>Whether the output head uses the token embedding's weight.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>The whole configuration, for keys that only one family reads.</summary>
    public required ConfigJson Json { get; init; }
}
