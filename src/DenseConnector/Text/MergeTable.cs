using System.Numerics;

namespace DenseConnector.Text;

/// <summary>
/// Looks up what two neighbouring symbols merge into; a flat hash table, because it is asked several times a character.
/// </summary>
/// <remarks>Immutable after it is built.</remarks>
internal sealed class MergeTable
{
    /// <summary>
    /// The rank of two symbols that may stand side by side within a piece but do not merge themselves.
    /// </summary>
    public const int NoMerge = int.MaxValue;

    private const ulong Empty = ulong.MaxValue;

    private readonly Entry[] _entries;
    private readonly int _shift;

    /// <summary>Builds the table.</summary>
    /// <param name="pairs">
    /// For (left, right) symbols, not negative: the rank (lower is merged first) and the result.
    /// </param>
    public MergeTable(IReadOnlyDictionary<(int Left, int Right), (int Rank, int Merged)> pairs)
    {
        // At most half full, so that a search for an absent pair ends soon.
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2 * pairs.Count, 16));
        _shift = 64 - BitOperations.Log2((uint)capacity);
        _entries = new Entry[capacity];
        Array.Fill(_entries, new Entry { Key = Empty });
        foreach (((int left, int right), (int rank, int merged)) in pairs)
        {
            ulong key = Key(left, right);
            _entries[Find(key)] = new Entry { Key = key, Rank = rank, Merged = merged };
        }
    }

    /// <summary>Whether any piece has the two symbols side by side.</summary>
    /// <param name="left">The left symbol; a negative one has no pairs.</param>
    /// <param name="right">The right symbol; a negative one has no pairs.</param>
    /// <param name="rank">The merge's rank, or <see cref="NoMerge"/>.</param>
    /// <param name="merged">The symbol that takes the place of both.</param>
    public bool TryGet(int left, int right, out int rank, out int merged)
    {
        if ((left | right) >= 0)
        {
            ulong key = Key(left, right);
            ref readonly Entry entry = ref _entries[Find(key)];
            if (entry.Key == key)
            {
                (rank, merged) = (entry.Rank, entry.Merged);
                return true;
            }
        }

        (rank, merged) = (NoMerge, -1);
        return false;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Find(ulong key)
    {
        int mask = _entries.Length - 1;
        int index = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (_entries[index].Key != key && _entries[index].Key != Empty)
        {
            index = (index + 1) & mask;
        }

        return index;
    }

    /// <summary>One slot of the table.</summary>
    private struct Entry
    {
        public ulong Key;
        public int Rank;
        public int Merged;
    }
}
