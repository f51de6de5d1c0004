namespace DenseConnector.Text;

/// <summary>
/// Takes spaces out before punctuation and English contractions: <c>clean_up_tokenization</c> of transformers, for a
/// text that comes in parts.
/// </summary>
/// <remarks>Not thread-safe: one instance per text.</remarks>
internal sealed class SpaceCleaner
{
    // In the reference's order, each over the result of the one before.
    private readonly StreamingReplacer[] _replacers =
    [
        new(" .", "."), new(" ?", "?"), new(" !", "!"), new(" ,", ","), new(" ' ", "'"),
        new(" n't", "n't"), new(" 'm", "'m"), new(" 's", "'s"), new(" 've", "'ve"), new(" 're", "'re"),
    ];

    /// <summary>Adds a part and returns the text that is certain now.</summary>
    public string Append(string part)
    {
        foreach (StreamingReplacer replacer in _replacers)
        {
            part = replacer.Append(part);
        }

        return part;
    }

    /// <summary>Ends the text and returns what was held back.</summary>
    public string Flush()
    {
        string rest = string.Empty;
        foreach (StreamingReplacer replacer in _replacers)
        {
            rest = replacer.Append(rest) + replacer.Flush();
        }

        return rest;
    }
}
