using DenseConnector.Decoders;

namespace DenseConnector.Generation;

/// <summary>
/// Lends requests their key/value caches, and keeps them by content when the requests end: a later one that begins with
/// the same text and pictures goes on from there.
/// </summary>
/// <remarks>
/// <para>
/// A request gets the longest common beginning of what is kept and of what the requests under way have read. A kept
/// cache that shares at least half of its text is taken over and cut; of any other the beginning is copied.
/// </para>
/// <para>
/// The budget counts the caches of requests under way too. Those always get theirs; kept ones go, least recently used
/// first, before an allocation that would exceed the budget.
/// </para>
/// <para>Used on the inference thread. Disposing frees what is kept; what is lent has to be given back first.</para>
/// </remarks>
/// <param name="decoder">The language model the caches belong to.</param>
/// <param name="budget">The most bytes; 0 keeps and shares nothing.</param>
internal sealed class PrefixCache(Decoder decoder, long budget) : IDisposable
{
    /// <summary>Least recently used first.</summary>
    private readonly List<CachedPrefix> _kept = [];
    private readonly List<CachedPrefix> _lent = [];

    /// <summary>Bytes of the kept caches.</summary>
    public long KeptBytes => _kept.Sum(prefix => prefix.Cache.Bytes);

    /// <summary>Gives a cache for a request; its length says how much of the prompt it holds already.</summary>
    /// <remarks>At least the prompt's last token is left to be read, since its logits are needed.</remarks>
    /// <param name="positions">What stands at each position of the prompt.</param>
    /// <param name="capacity">The most tokens of prompt and answer.</param>
    /// <param name="rows">1, or the number of beams; the first row holds the common beginning.</param>
    public CachedPrefix Lend(PositionKey[] positions, int capacity, int rows)
    {
        ArraySegment<PositionKey> reusable = new(positions, 0, positions.Length - 1);
        (CachedPrefix? source, int common) = FindLongest(reusable);
        long bytes = KeyValueCache.CountBytes(decoder.Config, capacity, decoder.Type, rows);
        CachedPrefix lent = source is not null && _kept.Contains(source) &&
            ((2 * common) >= source.Length || source.Cache.Bytes + LentBytes + bytes > budget)
            ? TakeOver(source, common, positions, capacity, rows)
            : Allocate(source, common, positions, capacity, rows);
        _lent.Add(lent);
        return lent;
    }

    /// <summary>Takes a cache back, whose text is as far as its keys and values are written.</summary>
    public void Keep(CachedPrefix prefix)
    {
        _lent.Remove(prefix);
        int length = prefix.Length;
        KeyValueCache cache = prefix.Cache;

        // Of beams only what they share is of use later, so only the first row stays.
        int capacity = cache.Rows == 1 ? cache.Capacity : length;
        long bytes = KeyValueCache.CountBytes(decoder.Config, capacity, decoder.Type);
        if (length == 0 || bytes + LentBytes > budget || _kept.Exists(IsWithin))
        {
            cache.Dispose();
            return;
        }

        prefix.Continue(length, []);
        Fit(cache, rows: 1, capacity);

        foreach (CachedPrefix shorter in _kept.FindAll(kept => kept.Common(prefix) == kept.Length))
        {
            Free(shorter);
        }

        MakeRoom(bytes);
        _kept.Add(prefix);

        bool IsWithin(CachedPrefix kept) => kept.Length > length && kept.Common(prefix) == length;
    }

    /// <summary>Takes a cache back that is of no more use.</summary>
    public void Discard(CachedPrefix prefix)
    {
        _lent.Remove(prefix);
        prefix.Cache.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _kept.ForEach(prefix => prefix.Cache.Dispose());
        _kept.Clear();
    }

    private long LentBytes => _lent.Sum(prefix => prefix.Cache.Bytes);

    private (CachedPrefix? Source, int Common) FindLongest(ArraySegment<PositionKey> positions)
    {
        (CachedPrefix? Source, int Common) best = default;
        if (budget == 0)
        {
            return best;
        }

        // Of equally long ones a kept one saves the copy; of those, the latest is the least likely to go soon.
        foreach (CachedPrefix prefix in _lent.Concat(_kept))
        {
            int common = prefix.Common(positions);
            best = common > 0 && common >= best.Common ? (prefix, common) : best;
        }

        return best;
    }

    private CachedPrefix TakeOver(CachedPrefix source, int common, PositionKey[] positions, int capacity, int rows)
    {
        _kept.Remove(source);
        source.Continue(common, positions.Skip(common));
        capacity = rows == 1 ? Math.Max(capacity, source.Cache.Capacity) : capacity;
        MakeRoom(KeyValueCache.CountBytes(decoder.Config, capacity, decoder.Type, rows));
        Fit(source.Cache, rows, capacity);
        return source;
    }

    /// <summary>Gives a cache, which belongs to nobody at the moment, the room that is wanted.</summary>
    private static void Fit(KeyValueCache cache, int rows, int capacity)
    {
        if (cache.Rows == rows && cache.Capacity == capacity)
        {
            return;
        }

        try
        {
            cache.Resize(rows, capacity);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    private CachedPrefix Allocate(
        CachedPrefix? source, int common, PositionKey[] positions, int capacity, int rows)
    {
        MakeRoom(KeyValueCache.CountBytes(decoder.Config, capacity, decoder.Type, rows), source);
        KeyValueCache cache = new(decoder.Config, capacity, decoder.Type, decoder.Device, rows);
        if (source is not null)
        {
            cache.CopyFrom(source.Cache, common);
        }

        return new CachedPrefix(cache, positions);
    }

    /// <summary>Frees kept caches until so many bytes fit beside what is lent and what stays.</summary>
    private void MakeRoom(long bytes, CachedPrefix? spared = null)
    {
        while (KeptBytes + LentBytes + bytes > budget && _kept.Find(kept => kept != spared) is CachedPrefix oldest)
        {
            Free(oldest);
        }
    }

    private void Free(CachedPrefix prefix)
    {
        _kept.Remove(prefix);
        prefix.Cache.Dispose();
    }
}
