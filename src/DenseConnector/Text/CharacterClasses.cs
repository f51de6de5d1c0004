using System.Globalization;

namespace DenseConnector.Text;

/// <summary>Looks up the class of characters, and the length of runs of one class.</summary>
internal static class CharacterClasses
{
    // Asked once a character, so the basic plane is a table.
    private static readonly CharacterClass[] Table =
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => OfCodePoint(code))];

    /// <summary>The class of the character that starts at a position.</summary>
    /// <param name="text">A text without lone surrogates.</param>
    /// <param name="index">Where the character starts.</param>
    /// <param name="length">How many UTF-16 units it has: 1 or 2.</param>
    public static CharacterClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        char c = text[index];
        if (!char.IsHighSurrogate(c))
        {
            length = 1;
            return Table[c];
        }

        length = 2;
        return OfCodePoint(char.ConvertToUtf32(c, text[index + 1]));
    }

    /// <summary>The class of the character that starts at a position, or <c>null</c> at the text's end.</summary>
    public static CharacterClass? AtOrNull(ReadOnlySpan<char> text, int index) =>
        index < text.Length ? At(text, index, out _) : null;

    /// <summary>Where the run of characters of one class that includes a position ends.</summary>
    /// <param name="text">A text without lone surrogates.</param>
    /// <param name="index">Where to start; the result is this if the class there is another.</param>
    /// <param name="kind">The class.</param>
    public static int EndOfRun(ReadOnlySpan<char> text, int index, CharacterClass kind)
    {
        while (index < text.Length && At(text, index, out int length) == kind)
        {
            index += length;
        }

        return index;
    }

    /// <summary>Where the run of white space that starts at a position ends: <c>\s*</c>.</summary>
    public static int EndOfSpace(ReadOnlySpan<char> text, int index)
    {
        while (index < text.Length && Table[text[index]] is CharacterClass.Space or CharacterClass.LineBreak)
        {
            index++;
        }

        return index;
    }

    /// <summary>
    /// The end of a piece that is white space: all of a run but its last character, which goes with the word that
    /// follows, unless it is the only one or nothing follows (<c>\s+(?!\S)|\s+</c>).
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the run starts; it has at least one character.</param>
    public static int EndOfSpacePiece(ReadOnlySpan<char> text, int start)
    {
        int end = EndOfSpace(text, start);
        return end == text.Length || end == start + 1 ? end : end - 1;
    }

    private static CharacterClass OfCodePoint(int code) => CharUnicodeInfo.GetUnicodeCategory(code) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber =>
            CharacterClass.Number,
        _ when code is '\r' or '\n' => CharacterClass.LineBreak,

        // White_Space of Unicode, all of it in the basic plane; U+001C to U+001F are none, unlike in Python.
        _ when code <= char.MaxValue && char.IsWhiteSpace((char)code) => CharacterClass.Space,
        _ => CharacterClass.Other,
    };
}
