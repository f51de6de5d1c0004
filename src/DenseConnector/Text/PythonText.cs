namespace DenseConnector.Text;

/// <summary>
/// Python's <c>str.strip</c> and its kin; .NET's own differ in U+001C to U+001F, which Python counts as white space.
/// </summary>
internal static class PythonText
{
    /// <summary>Whether <c>str.isspace</c> holds for the character.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';

    /// <summary>Drops white space at the start: <c>str.lstrip</c>.</summary>
    public static ReadOnlySpan<char> TrimStart(ReadOnlySpan<char> text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    /// <summary>Drops white space at the end: <c>str.rstrip</c>.</summary>
    public static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        int length = text.Length;
        while (length > 0 && IsSpace(text[length - 1]))
        {
            length--;
        }

        return text[..length];
    }

    /// <summary>Drops white space at both ends: <c>str.strip</c>.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => TrimStart(TrimEnd(text));
}
