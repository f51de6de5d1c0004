using System.Buffers;

namespace DenseConnector.Text;

/// <summary>Finds fixed strings in a text: the leftmost occurrence, and of several at one place the longest.</summary>
/// <remarks>
/// The rule of <c>Trie.split</c> (transformers) and of SentencePiece's <c>PrefixMatcher</c>. Immutable.
/// </remarks>
internal sealed class LiteralMatcher
{
    private const int None = -1;

    private readonly Dictionary<(int Node, char Next), int> _edges = [];
    private readonly List<int> _values = [None];
    private readonly SearchValues<char> _firstChars;

    /// <summary>Prepares to find the given strings; an empty one is never found.</summary>
    /// <param name="literals">The strings, each with the number that stands for it (not negative).</param>
    public LiteralMatcher(IEnumerable<KeyValuePair<string, int>> literals)
    {
        HashSet<char> first = [];
        foreach ((string text, int value) in literals.Where(literal => literal.Key.Length > 0))
        {
            first.Add(text[0]);
            int node = 0;
            foreach (char next in text)
            {
                if (!_edges.TryGetValue((node, next), out int child))
                {
                    child = _values.Count;
                    _values.Add(None);
                    _edges.Add((node, next), child);
                }

                node = child;
            }

            _values[node] = value;
        }

        _firstChars = SearchValues.Create([.. first]);
    }

    /// <summary>Finds the first string at or after <paramref name="start"/>.</summary>
    public bool TryFind(ReadOnlySpan<char> text, int start, out int index, out int length, out int value)
    {
        for (index = start; index < text.Length; index++)
        {
            int ahead = text[index..].IndexOfAny(_firstChars);
            if (ahead < 0)
            {
                break;
            }

            index += ahead;
            if (TryMatch(text, index, out length, out value))
            {
                return true;
            }
        }

        (index, length, value) = (text.Length, 0, None);
        return false;
    }

    /// <summary>Finds the longest string that starts exactly at <paramref name="index"/>.</summary>
    public bool TryMatch(ReadOnlySpan<char> text, int index, out int length, out int value)
    {
        (length, value) = (0, None);
        int node = 0;
        for (int i = index; i < text.Length && _edges.TryGetValue((node, text[i]), out node); i++)
        {
            if (_values[node] != None)
            {
                (length, value) = (i + 1 - index, _values[node]);
            }
        }

        return value != None;
    }
}
