namespace DenseConnector.Text;

/// <summary>
/// A string that is one token wherever it stands in a text, found before the text is split into pieces.
/// </summary>
/// <param name="Content">The string.</param>
/// <param name="LeftStrip">Whether white space before it is dropped.</param>
/// <param name="RightStrip">Whether white space after it is dropped.</param>
/// <param name="Special">Whether it is left out of decoded answers.</param>
/// <param name="Normalized">
/// Whether byte-level tokenizers look for it only between the tokens that are not normalised.
/// </param>
internal sealed record AddedToken(
    string Content,
    bool LeftStrip = false,
    bool RightStrip = false,
    bool Special = false,
    bool Normalized = false);
