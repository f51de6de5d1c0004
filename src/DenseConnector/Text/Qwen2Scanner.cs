namespace DenseConnector.Text;

/// <summary>Splits a text as the pattern of Qwen2 does: that of Llama 3, but every digit by itself.</summary>
internal static class Qwen2Scanner
{
    /// <summary>The pattern, as <c>tokenizer.json</c> writes it.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+" +
        @"|\s+(?!\S)|\s+";

    /// <inheritdoc cref="PieceScanner"/>
    public static int EndOfPiece(ReadOnlySpan<char> text, int start) =>
        Llama3Scanner.EndOfPiece(text, start, maxDigits: 1);
}
