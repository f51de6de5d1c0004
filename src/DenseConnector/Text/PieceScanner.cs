namespace DenseConnector.Text;

/// <summary>Finds where the next piece of a text ends; no merge crosses a piece's border.</summary>
/// <param name="text">A text without lone surrogates.</param>
/// <param name="start">Where the piece starts, before the text's end.</param>
/// <returns>The index behind the piece, greater than <paramref name="start"/>.</returns>
internal delegate int PieceScanner(ReadOnlySpan<char> text, int start);
