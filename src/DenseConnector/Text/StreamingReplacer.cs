using System.Text;

namespace DenseConnector.Text;

/// <summary>Replaces a string in a text that comes in parts.</summary>
/// <remarks>
/// What <see cref="Append"/> and <see cref="Flush"/> return, joined, is <c>str.replace</c> of the whole text. Not
/// thread-safe.
/// </remarks>
/// <param name="pattern">What is replaced; not empty.</param>
/// <param name="replacement">What takes its place.</param>
internal sealed class StreamingReplacer(string pattern, string replacement)
{
    private string _held = string.Empty;

    /// <summary>Adds a part and returns what is certain now: all but a tail that may become the pattern.</summary>
    public string Append(string part)
    {
        if (part.Length == 0)
        {
            return part;
        }

        string text = _held + part;
        StringBuilder? replaced = null;
        int start = 0;
        for (int found; (found = text.IndexOf(pattern, start, StringComparison.Ordinal)) >= 0;)
        {
            (replaced ??= new StringBuilder()).Append(text, start, found - start).Append(replacement);
            start = found + pattern.Length;
        }

        // Behind the last match only: a pattern replaced is no part of the next one.
        int held = Math.Min(pattern.Length - 1, text.Length - start);
        while (!pattern.AsSpan().StartsWith(text.AsSpan(text.Length - held)))
        {
            held--;
        }

        _held = text[^held..];
        return replaced is null ? text[..^held] : replaced.Append(text, start, text.Length - held - start).ToString();
    }

    /// <summary>Ends the text and returns what was held back.</summary>
    public string Flush()
    {
        string held = _held;
        _held = string.Empty;
        return held;
    }
}
