using DenseConnector.Decoders;

namespace DenseConnector.Generation;

/// <summary>Keys and values of a text together with what that text is.</summary>
/// <param name="cache">The keys and values; owned by whoever owns this.</param>
/// <param name="positions">What stands at each position.</param>
internal sealed class CachedPrefix(KeyValueCache cache, IEnumerable<PositionKey> positions)
{
    private readonly List<PositionKey> _positions = [.. positions];

    /// <summary>The keys and values; rows beside the first may hold other texts.</summary>
    public KeyValueCache Cache => cache;

    /// <summary>Positions whose content is known and whose keys and values the first row holds.</summary>
    public int Length => Math.Min(_positions.Count, cache.Length);

    /// <summary>Says which token is read next, before it is.</summary>
    public void Add(int id) => _positions.Add(new PositionKey(null, id));

    /// <summary>How many positions from the start on hold the same.</summary>
    public int Common(IReadOnlyList<PositionKey> others)
    {
        int most = Math.Min(Length, others.Count);
        int common = 0;
        while (common < most && _positions[common] == others[common])
        {
            common++;
        }

        return common;
    }

    /// <summary>How many positions from the start on hold the same.</summary>
    public int Common(CachedPrefix other) => other.Length < Length ? other.Common(this) : Common(other._positions);

    /// <summary>Forgets all but the first positions and makes others follow, whose tokens are not read yet.</summary>
    public void Continue(int kept, IEnumerable<PositionKey> following)
    {
        cache.Truncate(kept);
        _positions.RemoveRange(kept, _positions.Count - kept);
        _positions.AddRange(following);
    }
}
