namespace DenseConnector.Text;

/// <summary>What the patterns of byte-level tokenizers tell apart.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Everything else: punctuation, symbols, marks, control characters.</summary>
    Other,

    /// <summary><c>\p{L}</c>.</summary>
    Letter,

    /// <summary><c>\p{N}</c>.</summary>
    Number,

    /// <summary><c>\s</c> without line breaks.</summary>
    Space,

    /// <summary><c>[\r\n]</c>, which is white space too.</summary>
    LineBreak,
}
