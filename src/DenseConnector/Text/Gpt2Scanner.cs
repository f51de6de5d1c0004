namespace DenseConnector.Text;

/// <summary>Splits a text as the pattern of GPT-2 and CodeGen (Phi-2) does.</summary>
internal static class Gpt2Scanner
{
    /// <summary>The pattern, as <c>tokenizer.json</c> files write it where they do.</summary>
    public const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <inheritdoc cref="PieceScanner"/>
    public static int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        int contraction = text[start] == '\'' ? EndOfContraction(text, start) : start;
        if (contraction > start)
        {
            return contraction;
        }

        // ' ?' takes the space only if something else than white space follows it.
        int body = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        CharacterClass kind = CharacterClasses.At(text, body, out int length);
        return kind is CharacterClass.Space or CharacterClass.LineBreak
            ? CharacterClasses.EndOfSpacePiece(text, start)
            : CharacterClasses.EndOfRun(text, body + length, kind);
    }

    private static int EndOfContraction(ReadOnlySpan<char> text, int start)
    {
        ReadOnlySpan<char> rest = text[(start + 1)..];
        return rest is ['s' or 't' or 'm' or 'd', ..] ? start + 2
            : rest is ['r' or 'v', 'e', ..] or ['l', 'l', ..] ? start + 3
            : start;
    }
}
