using System.Runtime.Intrinsics.X86;

namespace DenseConnector.Kernels;

/// <summary>Attends for a <see cref="PromptShare"/>, one block of keys after the other.</summary>
/// <remarks>
/// <para>
/// Queries are transposed, so that a register holds several rows; keys and values are only widened to float32. Scores
/// come out with the rows side by side: softmax needs no sums within a register, and the product with the values reads
/// one weight at a time, wherever it lies.
/// </para>
/// </remarks>
internal readonly unsafe struct PromptRows<TLanes, T>
    where TLanes : struct, IFloatLanes<T>
    where T : struct
{
    private const int GroupRows = PromptShare.GroupRows;

    // Whole tiles; with a head of 128 keys and values of a block take a tenth of the second-level cache.
    private const int BlockKeys = 96;

    private const int CacheLine = 16;

    // Rows that are asked of memory before they are read.
    private const int PrefetchRows = 12;

    private readonly PromptShare _share;
    private readonly int _headSize;
    private readonly int _step;
    private readonly float* _queries;
    private readonly float* _keys;
    private readonly float* _values;
    private readonly float* _scores;
    private readonly float* _mixed;
    private readonly float* _largest;
    private readonly float* _sums;
    private readonly float* _factors;

    /// <summary>Divides the memory up.</summary>
    /// <param name="share">The rows.</param>
    /// <param name="headSize">Width of a head.</param>
    /// <param name="memory">As many numbers as <see cref="Numbers"/> tells, aligned to a cache line.</param>
    public PromptRows(PromptShare share, int headSize, float* memory)
    {
        _share = share;
        _headSize = headSize;
        _step = Step(headSize);
        _queries = memory;
        _mixed = _queries + (PromptShare.MaxRows * headSize);
        _largest = _mixed + (PromptShare.MaxRows * _step);
        _sums = _largest + PromptShare.MaxRows;
        _factors = _sums + PromptShare.MaxRows;
        _scores = _factors + GroupRows;
        _keys = _scores + (BlockKeys * GroupRows);
        _values = _keys + (BlockKeys * _step);
    }

    /// <summary>The memory that is needed.</summary>
    public static int Numbers(int headSize) =>
        (PromptShare.MaxRows * (headSize + Step(headSize) + 2)) + (2 * BlockKeys * Step(headSize)) +
        ((BlockKeys + 1) * GroupRows);

    /// <summary>Attends.</summary>
    public void Attend()
    {
        new Span<float>(_largest, PromptShare.MaxRows).Fill(float.NegativeInfinity);
        new Span<float>(_sums, PromptShare.MaxRows).Clear();
        ReadQueries();
        long end = _share.Sees(_share.Count - 1);
        for (long start = 0; start < end; start += BlockKeys)
        {
            int keys = (int)Math.Min(BlockKeys, end - start);
            ReadKeysAndValues(start, keys);
            for (int group = 0; group < _share.Count; group += GroupRows)
            {
                int seen = Seen(group + GroupRows - 1, start, keys);
                if (seen > 0)
                {
                    Score(group, start, seen);
                    Mix(group, start, seen);
                }
            }
        }

        WriteOutputs();
    }

    // Whole registers, and an odd number of cache lines: rows a power of two apart would share few places in a cache.
    private static int Step(int headSize) => ((headSize + CacheLine - 1) / CacheLine * CacheLine) | CacheLine;

    /// <summary>How many of a block's first keys a row sees.</summary>
    private int Seen(int row, long start, int keys) => (int)Math.Clamp(_share.Sees(row) - start, 0, keys);

    /// <summary>The queries, scaled: of each group of rows a matrix <c>[headSize, rows]</c>.</summary>
    private void ReadQueries()
    {
        float* query = stackalloc float[_headSize];
        float scale = 1 / MathF.Sqrt(_headSize);
        for (int row = 0; row < _share.Count; row++)
        {
            long start = (long)_share.QueryHead(row) * _headSize;
            _share.Queries.Read(_share.Token(row), start, query, _headSize);
            Prefetch(Place(_share.Queries, row + PrefetchRows));
            float* column = _queries + (row / GroupRows * GroupRows * (long)_headSize) + (row % GroupRows);
            for (int i = 0; i < _headSize; i++)
            {
                column[i * GroupRows] = query[i] * scale;
            }
        }
    }

    private void ReadKeysAndValues(long start, int keys)
    {
        KeyValueRows sequence = _share.Sequence;
        for (int key = 0; key < keys; key++)
        {
            Prefetch(sequence.Key(_share.Head, start + key + PrefetchRows));
            Prefetch(sequence.Value(_share.Head, start + key + PrefetchRows));
            Read(sequence.Key(_share.Head, start + key), _keys + (key * _step));
            Read(sequence.Value(_share.Head, start + key), _values + (key * _step));
        }
    }

    /// <summary>Where a row's part of queries or outputs begins.</summary>
    private byte* Place(RowBlock rows, int row) =>
        (byte*)rows.Rows(_share.Token(row), 1).Data + (_share.QueryHead(row) * _headSize * rows.NumberBytes);

    /// <summary>A head's rows lie all heads' width apart: the processor does not foresee the next.</summary>
    private void Prefetch(byte* row)
    {
        for (int i = 0; Sse.IsSupported && i < _headSize * _share.Queries.NumberBytes; i += CacheLine * sizeof(float))
        {
            Sse.Prefetch0(row + i);
        }
    }

    private void Read(byte* source, float* destination) =>
        new RowBlock((nint)source, _share.Sequence.IsBFloat16, 1, _headSize).Read(0, 0, destination, _headSize);

    /// <summary>A block's weights for a group of rows: <c>[keys, rows]</c>, not divided by their sum.</summary>
    private void Score(int group, long start, int keys)
    {
        float* queries = _queries + (group * (long)_headSize);
        int pair = 2 * TLanes.Count;
        for (int row = 0; row < Math.Min(GroupRows, _share.Count - group); row += pair)
        {
            int seen = Seen(group + row + pair - 1, start, keys);
            float* scores = _scores + row;
            for (int key = 0; key < seen; key += TileProduct.Rows)
            {
                TileProduct.Pair<TLanes, T>(
                    _keys + (key * _step), _step, 1, queries + row, GroupRows, _headSize,
                    scores + (key * GroupRows), GroupRows, adds: false);
            }

            for (int i = 0; i < pair && _share.IsCausal; i++)
            {
                for (int key = Seen(group + row + i, start, keys); key < seen; key++)
                {
                    scores[(key * GroupRows) + i] = float.NegativeInfinity;
                }
            }

            for (int i = 0; i < pair; i += TLanes.Count)
            {
                int place = group + row + i;
                OnlineSoftmax.Add<TLanes, T>(
                    scores + i, GroupRows, seen, keys, _largest + place, _sums + place, _factors + row + i);
            }
        }
    }

    /// <summary>Adds a block's weighted values to what a group of rows has collected.</summary>
    private void Mix(int group, long start, int keys)
    {
        int rows = Math.Min(GroupRows, _share.Count - group);
        float* mixed = _mixed + (group * _step);
        bool adds = start > 0;
        if (adds)
        {
            Rescale(mixed, rows);
        }

        // A tile ends where its last row sees no more: the other weights are 0.
        int* depths = stackalloc int[GroupRows];
        for (int row = 0; row < rows; row += TileProduct.Rows)
        {
            depths[row] = Seen(group + row + TileProduct.Rows - 1, start, keys);
        }

        for (int i = 0; i < _headSize; i += 2 * TLanes.Count)
        {
            bool isPair = i + TLanes.Count < _headSize;
            float* values = _values + i;
            for (int row = 0; row < rows; row += TileProduct.Rows)
            {
                float* left = _scores + row, sums = mixed + (row * _step) + i;
                if (isPair)
                {
                    TileProduct.Pair<TLanes, T>(left, 1, GroupRows, values, _step, depths[row], sums, _step, adds);
                }
                else
                {
                    TileProduct.Single<TLanes, T>(left, 1, GroupRows, values, _step, depths[row], sums, _step, adds);
                }
            }
        }
    }

    private void Rescale(float* mixed, int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            // Once a row has met its largest score it stays as it is.
            if (_factors[row] != 1)
            {
                Multiply(mixed + (row * _step), _factors[row]);
            }
        }
    }

    private void Multiply(float* mixed, float number)
    {
        T factor = TLanes.Fill(number);
        for (int i = 0; i < _headSize; i += TLanes.Count)
        {
            TLanes.Store(TLanes.Multiply(TLanes.Load(mixed + i), factor), mixed + i);
        }
    }

    private void WriteOutputs()
    {
        for (int row = 0; row < _share.Count; row++)
        {
            float* mixed = _mixed + ((long)row * _step);
            Multiply(mixed, 1 / _sums[row]);
            Prefetch(Place(_share.Outputs, row + PrefetchRows));
            long start = (long)_share.QueryHead(row) * _headSize;
            _share.Outputs.Write(_share.Token(row), start, mixed, _headSize);
        }
    }
}
