namespace DenseConnector.Text;

/// <summary>
/// A run of symbols that are merged in the order of byte-pair encoding: the lowest rank first, and of equal ones the
/// leftmost.
/// </summary>
/// <remarks>The working memory of one call, used again for each run; not thread-safe.</remarks>
internal sealed class SymbolRun
{
    // Below this length looking through all pairs beats a heap.
    private const int ShortRun = 24;

    private int[] _symbols = new int[64];
    private int[] _lengths = new int[64];
    private int[] _ranks = new int[64];
    private int[] _merged = new int[64];

    /// <summary>How many symbols there are, those that were merged into the one before them included.</summary>
    public int Count { get; private set; }

    /// <summary>The symbols.</summary>
    public ReadOnlySpan<int> Symbols => _symbols.AsSpan(0, Count);

    /// <summary>
    /// For each symbol how much of the text it stands for; 0 if it was merged into the one before it.
    /// </summary>
    public ReadOnlySpan<int> Lengths => _lengths.AsSpan(0, Count);

    /// <summary>Takes all symbols out.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a symbol; <see cref="SetMerge"/> says next what it merges into.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="length">How much of the text it stands for, at least 1.</param>
    public void Add(int symbol, int length)
    {
        if (Count == _symbols.Length)
        {
            Array.Resize(ref _symbols, 2 * Count);
            Array.Resize(ref _lengths, 2 * Count);
            Array.Resize(ref _ranks, 2 * Count);
            Array.Resize(ref _merged, 2 * Count);
        }

        _symbols[Count] = symbol;
        _lengths[Count] = length;
        Count++;
    }

    /// <summary>Says what a symbol and the next one merge into; every symbol but the last one needs it.</summary>
    /// <param name="left">The index of the left symbol.</param>
    /// <param name="rank">The merge's rank, or <see cref="MergeTable.NoMerge"/>.</param>
    /// <param name="merged">The symbol that takes the place of both.</param>
    public void SetMerge(int left, int rank, int merged)
    {
        _ranks[left] = rank;
        _merged[left] = merged;
    }

    /// <summary>Merges until no two neighbours merge.</summary>
    /// <param name="table">What merges.</param>
    public void Merge(MergeTable table)
    {
        if (Count > ShortRun)
        {
            MergeInOrder(table, null);
        }
        else if (Count > 1)
        {
            MergeByScan(table);
        }
    }

    /// <summary>Merges until no two neighbours merge, and tells every merge that comes in question.</summary>
    /// <param name="table">What merges.</param>
    /// <param name="candidate">
    /// Told of each pair that could be merged, as the reference's heap sees them: left symbol, its length, right
    /// symbol, result.
    /// </param>
    public void MergeInOrder(MergeTable table, Action<int, int, int, int>? candidate)
    {
        int count = Count;
        int[] previous = new int[count], next = new int[count];
        PriorityQueue<int, ulong> queue = new(count);
        for (int i = 0; i < count; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1;
            if (i < count - 1)
            {
                Queue(i, i + 1);
            }
        }

        _ranks[count - 1] = MergeTable.NoMerge;
        while (queue.TryDequeue(out int left, out ulong priority))
        {
            // Out of date if the left or the right symbol has been merged since.
            if (_ranks[left] != (int)(priority >> 32))
            {
                continue;
            }

            int right = next[left];
            _symbols[left] = _merged[left];
            _lengths[left] += _lengths[right];
            _lengths[right] = 0;
            _ranks[right] = _ranks[left] = MergeTable.NoMerge;
            next[left] = next[right];
            if (next[left] < count)
            {
                previous[next[left]] = left;
            }

            Refresh(previous[left], left);
            Refresh(left, next[left]);
        }

        void Refresh(int left, int right)
        {
            if (left >= 0 && right < count)
            {
                table.TryGet(_symbols[left], _symbols[right], out int rank, out int merged);
                SetMerge(left, rank, merged);
                Queue(left, right);
            }
        }

        void Queue(int left, int right)
        {
            int rank = _ranks[left];
            if (rank == MergeTable.NoMerge)
            {
                return;
            }

            queue.Enqueue(left, ((ulong)(uint)rank << 32) | (uint)left);
            candidate?.Invoke(_symbols[left], _lengths[left], _symbols[right], _merged[left]);
        }
    }

    private void MergeByScan(MergeTable table)
    {
        while (true)
        {
            int best = -1, bestRank = MergeTable.NoMerge;
            for (int i = 0; i < Count - 1; i++)
            {
                if (_ranks[i] < bestRank)
                {
                    (best, bestRank) = (i, _ranks[i]);
                }
            }

            if (best < 0)
            {
                return;
            }

            MergeAndClose(best);
            Look(table, best - 1);
            Look(table, best);
        }
    }

    private void Look(MergeTable table, int left)
    {
        if (left >= 0 && left + 1 < Count)
        {
            table.TryGet(_symbols[left], _symbols[left + 1], out int rank, out int merged);
            SetMerge(left, rank, merged);
        }
    }

    /// <summary>Merges a symbol with the next one and moves the rest up.</summary>
    private void MergeAndClose(int left)
    {
        _symbols[left] = _merged[left];
        _lengths[left] += _lengths[left + 1];
        for (int i = left + 1; i < Count - 1; i++)
        {
            _symbols[i] = _symbols[i + 1];
            _lengths[i] = _lengths[i + 1];
            _ranks[i] = _ranks[i + 1];
            _merged[i] = _merged[i + 1];
        }

        Count--;
    }
}
