using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseConnector.Kernels;

/// <summary>
/// Attention of one new token of each request over its past: softmax(q·kᵀ/√d)·v for every head, each key and value read
/// once from memory.
/// </summary>
/// <remarks>
/// A request's numbers do not depend on the others. Query heads that share a key/value head are computed one after the
/// other while its keys are in the cache.
/// </remarks>
/// <param name="heads">Query heads.</param>
/// <param name="keyValueHeads">Key and value heads; they divide <paramref name="heads"/>.</param>
/// <param name="headSize">Width of a head.</param>
internal sealed unsafe class DecodeAttention(int heads, int keyValueHeads, int headSize)
{
    private const int PrefetchBytes = 8192;

    /// <summary>Attends.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="queries">One row of <c>heads · headSize</c> for each request, positions applied.</param>
    /// <param name="past">Each request's keys and values, the new token's among them.</param>
    /// <param name="outputs">One row of <c>heads · headSize</c> for each request.</param>
    public void Run(WorkerTeam team, RowBlock queries, KeyValueRows[] past, RowBlock outputs)
    {
        LaneWidth width = Width();
        team.Run(past.Length * keyValueHeads, Piece);

        void Piece(int piece)
        {
            (int request, int head) = (piece / keyValueHeads, piece % keyValueHeads);
            switch (width)
            {
                case LaneWidth.Sixteen:
                    Attend<Lanes512, Vector512<float>>(queries, past[request], outputs, request, head);
                    break;
                case LaneWidth.Eight:
                    Attend<Lanes256, Vector256<float>>(queries, past[request], outputs, request, head);
                    break;
                default:
                    Attend<Lanes1, float>(queries, past[request], outputs, request, head);
                    break;
            }
        }
    }

    /// <summary>The widest registers of which pairs fill a head.</summary>
    private LaneWidth Width() => LaneWidths.Supported.Last(
        width => width == LaneWidth.One || headSize % (width == LaneWidth.Eight ? 16 : 32) == 0);

    /// <summary>All query heads that share one key/value head.</summary>
    public void Attend<TLanes, T>(RowBlock queries, KeyValueRows past, RowBlock outputs, int request, int head)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        int group = heads / keyValueHeads;
        float* query = stackalloc float[headSize];
        float* row = stackalloc float[headSize];
        float scale = 1 / MathF.Sqrt(headSize);
        float* scores = (float*)NativeMemory.Alloc((nuint)past.Length, sizeof(float));
        try
        {
            for (int member = 0; member < group; member++)
            {
                long start = ((head * group) + member) * headSize;
                queries.Read(request, start, row, headSize);
                for (int i = 0; i < headSize; i++)
                {
                    row[i] *= scale;
                }

                float* ordered = past.IsBFloat16 ? query : row;
                if (past.IsBFloat16)
                {
                    Arrange<TLanes, T>(row, query, back: false);
                }

                Score<TLanes, T>(ordered, past, head, scores);
                Softmax<TLanes, T>(scores, past.Length);
                Mix<TLanes, T>(scores, past, head, ordered);
                if (past.IsBFloat16)
                {
                    Arrange<TLanes, T>(query, row, back: true);
                }

                outputs.Write(request, start, row, headSize);
            }
        }
        finally
        {
            NativeMemory.Free(scores);
        }
    }

    /// <summary>
    /// Puts a row into the order in which <see cref="LoadPair"/> gives stored numbers: in each block of two registers
    /// those at even places, then those at odd places. Float32 is stored in that order.
    /// </summary>
    private void Arrange<TLanes, T>(float* row, float* arranged, bool back)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        int block = 2 * TLanes.Count;
        int ordered = headSize / block * block;
        for (int i = 0; i < headSize; i++)
        {
            int place = i >= ordered ? i : (i / block * block) + (i % block / 2) + (i % 2 * TLanes.Count);
            (int from, int to) = back ? (place, i) : (i, place);
            arranged[to] = row[from];
        }
    }

    private void Score<TLanes, T>(float* query, KeyValueRows past, int head, float* scores)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        int block = 2 * TLanes.Count;
        for (long token = 0; token < past.Length; token++)
        {
            byte* key = past.Key(head, token);
            T low = TLanes.Zero, high = TLanes.Zero;
            int i = 0;
            for (; i <= headSize - block; i += block)
            {
                (T first, T second) = LoadPair<TLanes, T>(key, past.IsBFloat16, i);
                low = TLanes.MultiplyAdd(first, TLanes.Load(query + i), low);
                high = TLanes.MultiplyAdd(second, TLanes.Load(query + i + TLanes.Count), high);
            }

            float score = TLanes.Sum(TLanes.Add(low, high));
            for (; i < headSize; i++)
            {
                score += Load(key, past.IsBFloat16, i) * query[i];
            }

            scores[token] = score;
        }
    }

    private static void Softmax<TLanes, T>(float* scores, long length)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        float largest = float.NegativeInfinity;
        for (long i = 0; i < length; i++)
        {
            largest = MathF.Max(largest, scores[i]);
        }

        int count = TLanes.Count;
        T shift = TLanes.Fill(-largest), sums = TLanes.Zero;
        long token = 0;
        for (; token <= length - count; token += count)
        {
            T power = TLanes.Exp(TLanes.Add(TLanes.Load(scores + token), shift));
            TLanes.Store(power, scores + token);
            sums = TLanes.Add(sums, power);
        }

        float sum = TLanes.Sum(sums);
        for (; token < length; token++)
        {
            scores[token] = MathF.Exp(scores[token] - largest);
            sum += scores[token];
        }

        float inverse = 1 / sum;
        for (long i = 0; i < length; i++)
        {
            scores[i] *= inverse;
        }
    }

    /// <summary>The values, weighted: up to eight registers of channels in one pass over the past.</summary>
    private void Mix<TLanes, T>(float* weights, KeyValueRows past, int head, float* output)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        int count = TLanes.Count, block = 2 * count;
        int i = 0;
        for (; i <= headSize - (4 * block); i += 4 * block)
        {
            T a = TLanes.Zero, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
            for (long token = 0; token < past.Length; token++)
            {
                byte* value = past.Value(head, token);
                T weight = TLanes.Fill(weights[token]);
                (T first, T second) = LoadPair<TLanes, T>(value, past.IsBFloat16, i);
                a = TLanes.MultiplyAdd(first, weight, a);
                b = TLanes.MultiplyAdd(second, weight, b);
                (first, second) = LoadPair<TLanes, T>(value, past.IsBFloat16, i + block);
                c = TLanes.MultiplyAdd(first, weight, c);
                d = TLanes.MultiplyAdd(second, weight, d);
                (first, second) = LoadPair<TLanes, T>(value, past.IsBFloat16, i + (2 * block));
                e = TLanes.MultiplyAdd(first, weight, e);
                f = TLanes.MultiplyAdd(second, weight, f);
                (first, second) = LoadPair<TLanes, T>(value, past.IsBFloat16, i + (3 * block));
                g = TLanes.MultiplyAdd(first, weight, g);
                h = TLanes.MultiplyAdd(second, weight, h);
            }

            TLanes.Store(a, output + i);
            TLanes.Store(b, output + i + count);
            TLanes.Store(c, output + i + block);
            TLanes.Store(d, output + i + block + count);
            TLanes.Store(e, output + i + (2 * block));
            TLanes.Store(f, output + i + (2 * block) + count);
            TLanes.Store(g, output + i + (3 * block));
            TLanes.Store(h, output + i + (3 * block) + count);
        }

        for (; i <= headSize - block; i += block)
        {
            T low = TLanes.Zero, high = TLanes.Zero;
            for (long token = 0; token < past.Length; token++)
            {
                T weight = TLanes.Fill(weights[token]);
                (T first, T second) = LoadPair<TLanes, T>(past.Value(head, token), past.IsBFloat16, i);
                low = TLanes.MultiplyAdd(first, weight, low);
                high = TLanes.MultiplyAdd(second, weight, high);
            }

            TLanes.Store(low, output + i);
            TLanes.Store(high, output + i + count);
        }

        for (; i < headSize; i++)
        {
            float sum = 0;
            for (long token = 0; token < past.Length; token++)
            {
                sum += Load(past.Value(head, token), past.IsBFloat16, i) * weights[token];
            }

            output[i] = sum;
        }
    }

    /// <summary>Two registers of a stored row: of bfloat16 those at even places and those at odd places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T First, T Second) LoadPair<TLanes, T>(byte* row, bool isBFloat16, int channel)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        if (isBFloat16)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch1(row + (channel * sizeof(ushort)) + PrefetchBytes);
            }

            return TLanes.LoadBFloat16Pairs((ushort*)row + channel);
        }

        float* first = (float*)row + channel;
        return (TLanes.Load(first), TLanes.Load(first + TLanes.Count));
    }

    private static float Load(byte* row, bool isBFloat16, int channel) =>
        isBFloat16 ? BFloat16.ToSingle(((ushort*)row)[channel]) : ((float*)row)[channel];
}
