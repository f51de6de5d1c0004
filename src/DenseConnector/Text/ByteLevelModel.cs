namespace DenseConnector.Text;

/// <summary>What the files of a byte-level tokenizer say about splitting text.</summary>
/// <param name="Vocabulary">The tokens and merges.</param>
/// <param name="Scanner">Splits a text into the pieces within which symbols merge.</param>
internal sealed record ByteLevelModel(BpeVocabulary Vocabulary, PieceScanner Scanner)
{
    /// <summary>Whether a piece that is a token as a whole is never split, whatever the merges would give.</summary>
    public bool IgnoresMerges { get; init; }

    /// <summary>
    /// Whether a space is put before a text, and before what follows an added token, if none is there.
    /// </summary>
    public bool AddsPrefixSpace { get; init; }

    /// <summary>Whether a text is put into Unicode's normal form C first.</summary>
    public bool Normalizes { get; init; }

    /// <summary>The ids put before a text.</summary>
    public IReadOnlyList<int> Before { get; init; } = [];

    /// <summary>The ids put after a text.</summary>
    public IReadOnlyList<int> After { get; init; } = [];

    /// <summary>Tokens found before the text is split, by id.</summary>
    public IReadOnlyDictionary<int, AddedToken> AddedTokens { get; init; } = new Dictionary<int, AddedToken>();
}
