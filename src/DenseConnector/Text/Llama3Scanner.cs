namespace DenseConnector.Text;

/// <summary>Splits a text as the pattern of Llama 3 does.</summary>
internal static class Llama3Scanner
{
    /// <summary>The pattern, as <c>tokenizer.json</c> writes it.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+" +
        @"|\s+(?!\S)|\s+";

    private const int MaxDigits = 3;

    /// <inheritdoc cref="PieceScanner"/>
    public static int EndOfPiece(ReadOnlySpan<char> text, int start) => EndOfPiece(text, start, MaxDigits);

    /// <summary>Finds the end of a piece, where the pattern takes another number of digits at once.</summary>
    public static int EndOfPiece(ReadOnlySpan<char> text, int start, int maxDigits)
    {
        int contraction = text[start] == '\'' ? EndOfContraction(text, start) : start;
        if (contraction > start)
        {
            return contraction;
        }

        CharacterClass kind = CharacterClasses.At(text, start, out int length);
        int next = start + length;
        CharacterClass? follower = CharacterClasses.AtOrNull(text, next);
        switch (kind)
        {
            case CharacterClass.Letter:
            case CharacterClass.Space or CharacterClass.Other when follower == CharacterClass.Letter:
                return CharacterClasses.EndOfRun(text, next, CharacterClass.Letter);
            case CharacterClass.Number:
                return EndOfDigits(text, next, maxDigits);
            case CharacterClass.Other:
            case CharacterClass.Space when text[start] == ' ' && follower == CharacterClass.Other:
                int end = CharacterClasses.EndOfRun(text, next, CharacterClass.Other);
                return CharacterClasses.EndOfRun(text, end, CharacterClass.LineBreak);
            default:
                return EndOfSpace(text, start);
        }
    }

    private static int EndOfDigits(ReadOnlySpan<char> text, int index, int maxDigits)
    {
        for (int digits = 1; digits < maxDigits && index < text.Length; digits++)
        {
            if (CharacterClasses.At(text, index, out int length) != CharacterClass.Number)
            {
                break;
            }

            index += length;
        }

        return index;
    }

    /// <summary>White space ends behind its last line break, if it has one: <c>\s*[\r\n]+|\s+(?!\S)|\s+</c>.</summary>
    private static int EndOfSpace(ReadOnlySpan<char> text, int start)
    {
        int end = CharacterClasses.EndOfSpace(text, start);
        int lineBreak = text[start..end].LastIndexOfAny('\r', '\n');
        return lineBreak >= 0 ? start + lineBreak + 1 : CharacterClasses.EndOfSpacePiece(text, start);
    }

    private static int EndOfContraction(ReadOnlySpan<char> text, int start)
    {
        // Ignoring case, the long s (U+017F) is an s.
        ReadOnlySpan<char> rest = text[(start + 1)..];
        return rest is ['s' or 'S' or '\u017f' or 't' or 'T' or 'm' or 'M' or 'd' or 'D', ..] ? start + 2
            : rest is ['r' or 'R' or 'v' or 'V', 'e' or 'E', ..] or ['l' or 'L', 'l' or 'L', ..] ? start + 3
            : start;
    }
}
