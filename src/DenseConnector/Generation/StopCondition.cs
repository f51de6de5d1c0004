namespace DenseConnector.Generation;

/// <summary>
/// Knows when an answer ends: at an ending token, or where a stop sequence appears in the text, also across token
/// borders.
/// </summary>
/// <remarks>
/// One per request. Text that might be the start of a stop sequence is held back until that is decided.
/// </remarks>
/// <param name="endIds">The ending tokens.</param>
/// <param name="stopSequences">The texts that end the answer; none is empty.</param>
internal sealed class StopCondition(IReadOnlySet<int> endIds, IReadOnlyList<string> stopSequences)
{
    private string _held = string.Empty;

    /// <summary>Whether the token ends the answer.</summary>
    public bool IsEnd(int id) => endIds.Contains(id);

    /// <summary>Takes the next piece of text and gives what can be shown of it.</summary>
    /// <param name="piece">The next characters of the answer.</param>
    /// <param name="stopped">Whether a stop sequence has come; the text returned ends before it.</param>
    public string Append(string piece, out bool stopped)
    {
        stopped = false;
        if (stopSequences.Count == 0)
        {
            return piece;
        }

        string text = _held + piece;
        int found = -1;
        foreach (string stop in stopSequences)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            found = at >= 0 && (found < 0 || at < found) ? at : found;
        }

        stopped = found >= 0;
        int shown = stopped ? found : text.Length - LongestStart(text);
        _held = stopped ? string.Empty : text[shown..];
        return text[..shown];
    }

    /// <summary>What is still held back when the answer ends otherwise.</summary>
    public string Flush()
    {
        string rest = _held;
        _held = string.Empty;
        return rest;
    }

    /// <summary>Length of the longest tail of the text that is a proper start of a stop sequence.</summary>
    private int LongestStart(string text)
    {
        int longest = 0;
        foreach (string stop in stopSequences)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
