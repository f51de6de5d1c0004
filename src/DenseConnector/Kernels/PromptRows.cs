using System.Runtime.InteropServices;

namespace DenseConnector.Kernels;

/// <summary>Attends for a <see cref="PromptShare"/>, one block of keys after the other.</summary>
/// <remarks>
/// <para>
/// Queries are transposed, so that a register holds several rows; keys and values are only widened to float32. Scores
/// come out with the rows side by side: softmax needs no sums within a register, and the product with the values reads
/// one weight at a time, wherever it lies.
/// </para>
/// <para>Used by one thread. Disposing frees its memory.</para>
/// </remarks>
internal sealed unsafe class PromptRows<TLanes, T> : IDisposable
    where TLanes : struct, IFloatLanes<T>
    where T : struct
{
    /// <summary>Rows whose scores are held at a time: whole tiles, and whole pairs of registers of every width.</summary>
    public const int GroupRows = 96;

    // Whole tiles; with a head of 128 keys and values of a block take a tenth of the second-level cache.
    private const int BlockKeys = 96;

    private const int CacheLine = 16;

    private readonly PromptShare _share;
    private readonly int _headSize;
    private readonly int _step;
    private readonly float* _memory;
    private readonly float* _queries;
    private readonly float* _keys;
    private readonly float* _values;
    private readonly float* _scores;
    private readonly float* _mixed;
    private readonly float* _largest;
    private readonly float* _sums;
    private readonly float* _factors;

    /// <summary>Allocates the memory.</summary>
    public PromptRows(PromptShare share, int headSize)
    {
        _share = share;
        _headSize = headSize;

        // Whole registers, and an odd number of cache lines: rows a power of two apart would share few places in a cache.
        _step = ((headSize + CacheLine - 1) / CacheLine * CacheLine) | CacheLine;
        int rows = (share.Count + GroupRows - 1) / GroupRows * GroupRows;
        int block = BlockKeys * _step;
        long numbers = ((long)rows * (headSize + _step + 2)) + (2 * block) + (BlockKeys * GroupRows) + GroupRows;
        _memory = (float*)NativeMemory.AlignedAlloc((nuint)(numbers * sizeof(float)), CacheLine * sizeof(float));
        _queries = _memory;
        _mixed = _queries + ((long)rows * headSize);
        _largest = _mixed + ((long)rows * _step);
        _sums = _largest + rows;
        _factors = _sums + rows;
        _scores = _factors + GroupRows;
        _keys = _scores + (BlockKeys * GroupRows);
        _values = _keys + block;
        new Span<float>(_largest, rows).Fill(float.NegativeInfinity);
        new Span<float>(_sums, rows).Clear();
    }

    /// <summary>Attends.</summary>
    public void Attend()
    {
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
                    Mix(group, seen, isFirst: start == 0);
                }
            }
        }

        WriteOutputs();
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_memory);

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
            Read(sequence.Key(_share.Head, start + key), _keys + (key * _step));
            Read(sequence.Value(_share.Head, start + key), _values + (key * _step));
        }
    }

    private void Read(byte* source, float* destination) =>
        new RowBlock((nint)source, _share.Sequence.IsBFloat16, 1, _headSize).Read(0, 0, destination, _headSize);

    /// <summary>The weights of a block's keys for a group of rows: <c>[keys, rows]</c>, not divided by their sum.</summary>
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

            for (int i = 0; i < pair; i++)
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
    private void Mix(int group, int keys, bool isFirst)
    {
        int rows = Math.Min(GroupRows, _share.Count - group);
        float* mixed = _mixed + (group * (long)_step);
        if (!isFirst)
        {
            Rescale(mixed, rows);
        }

        for (int i = 0; i < _headSize; i += 2 * TLanes.Count)
        {
            bool isPair = i + TLanes.Count < _headSize;
            for (int row = 0; row < rows; row += TileProduct.Rows)
            {
                float* left = _scores + row, sums = mixed + (row * _step) + i;
                if (isPair)
                {
                    TileProduct.Pair<TLanes, T>(left, 1, GroupRows, _values + i, _step, keys, sums, _step, !isFirst);
                }
                else
                {
                    TileProduct.Single<TLanes, T>(left, 1, GroupRows, _values + i, _step, keys, sums, _step, !isFirst);
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
                T factor = TLanes.Fill(_factors[row]);
                for (int i = 0; i < _headSize; i += TLanes.Count)
                {
                    float* place = mixed + (row * _step) + i;
                    TLanes.Store(TLanes.Multiply(TLanes.Load(place), factor), place);
                }
            }
        }
    }

    private void WriteOutputs()
    {
        for (int row = 0; row < _share.Count; row++)
        {
            float* mixed = _mixed + ((long)row * _step);
            float inverse = 1 / _sums[row];
            for (int i = 0; i < _headSize; i++)
            {
                mixed[i] *= inverse;
            }

            long start = (long)_share.QueryHead(row) * _headSize;
            _share.Outputs.Write(_share.Token(row), start, mixed, _headSize);
        }
    }
}
