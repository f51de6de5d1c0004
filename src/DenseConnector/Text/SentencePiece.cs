namespace DenseConnector.Text;

/// <summary>One entry of a SentencePiece vocabulary; its id is its position.</summary>
/// <param name="Text">The piece's characters; a space is U+2581.</param>
/// <param name="Score">Of two possible merges the one whose result has the higher score comes first.</param>
/// <param name="Type">What the piece may be used for.</param>
internal readonly record struct SentencePiece(string Text, float Score, SentencePieceType Type);

/// <summary>What a piece may be used for, as numbered by <c>sentencepiece_model.proto</c>.</summary>
internal enum SentencePieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
