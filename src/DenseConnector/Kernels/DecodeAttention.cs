using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
    /// <summary>Attends.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="queries">One row of <c>heads · headSize</c> for each request, positions applied.</param>
    /// <param name="past">Each request's keys and values, the new token's among them.</param>
    /// <param name="outputs">One row of <c>heads · headSize</c> for each request.</param>
    public void Run(WorkerTeam team, RowBlock queries, KeyValueRows[] past, RowBlock outputs)
    {
        LaneWidth width = LaneWidths.Best;
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

    /// <summary>All query heads that share one key/value head.</summary>
    public void Attend<TLanes, T>(RowBlock queries, KeyValueRows past, RowBlock outputs, int request, int head)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        int group = heads / keyValueHeads;
        float* query = stackalloc float[headSize];
        float* output = stackalloc float[headSize];
        float* scores = (float*)NativeMemory.Alloc((nuint)past.Length, sizeof(float));
        try
        {
            for (int member = 0; member < group; member++)
            {
                long start = ((head * group) + member) * headSize;
                queries.Read(request, start, query, headSize);
                float scale = 1 / MathF.Sqrt(headSize);
                for (int i = 0; i < headSize; i++)
                {
                    query[i] *= scale;
                }

                Score<TLanes, T>(query, past, head, scores);
                Softmax<TLanes, T>(scores, past.Length);
                Mix<TLanes, T>(scores, past, head, output);
                outputs.Write(request, start, output, headSize);
            }
        }
        finally
        {
            NativeMemory.Free(scores);
        }
    }

    private void Score<TLanes, T>(float* query, KeyValueRows past, int head, float* scores)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        int count = TLanes.Count;
        for (long token = 0; token < past.Length; token++)
        {
            nint key = Row(past.Keys, past, head, token);
            T sum = TLanes.Zero;
            int i = 0;
            for (; i <= headSize - count; i += count)
            {
                sum = TLanes.MultiplyAdd(Load<TLanes, T>(key, past.IsBFloat16, i), TLanes.Load(query + i), sum);
            }

            float score = TLanes.Sum(sum);
            for (; i < headSize; i++)
            {
                score += Load<Lanes1, float>(key, past.IsBFloat16, i) * query[i];
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
        int count = TLanes.Count;
        int i = 0;
        for (; i <= headSize - (4 * count); i += 4 * count)
        {
            T a = TLanes.Zero, b = a, c = a, d = a;
            for (long token = 0; token < past.Length; token++)
            {
                nint value = Row(past.Values, past, head, token);
                T weight = TLanes.Fill(weights[token]);
                a = TLanes.MultiplyAdd(Load<TLanes, T>(value, past.IsBFloat16, i), weight, a);
                b = TLanes.MultiplyAdd(Load<TLanes, T>(value, past.IsBFloat16, i + count), weight, b);
                c = TLanes.MultiplyAdd(Load<TLanes, T>(value, past.IsBFloat16, i + (2 * count)), weight, c);
                d = TLanes.MultiplyAdd(Load<TLanes, T>(value, past.IsBFloat16, i + (3 * count)), weight, d);
            }

            TLanes.Store(a, output + i);
            TLanes.Store(b, output + i + count);
            TLanes.Store(c, output + i + (2 * count));
            TLanes.Store(d, output + i + (3 * count));
        }

        for (; i <= headSize - count; i += count)
        {
            T sum = TLanes.Zero;
            for (long token = 0; token < past.Length; token++)
            {
                nint value = Row(past.Values, past, head, token);
                sum = TLanes.MultiplyAdd(
                    Load<TLanes, T>(value, past.IsBFloat16, i), TLanes.Fill(weights[token]), sum);
            }

            TLanes.Store(sum, output + i);
        }

        for (; i < headSize; i++)
        {
            float sum = 0;
            for (long token = 0; token < past.Length; token++)
            {
                sum += Load<Lanes1, float>(Row(past.Values, past, head, token), past.IsBFloat16, i) * weights[token];
            }

            output[i] = sum;
        }
    }

    private nint Row(nint data, KeyValueRows past, int head, long token) =>
        data + (nint)(((head * past.HeadStride) + (token * headSize)) *
            (past.IsBFloat16 ? sizeof(ushort) : sizeof(float)));

    private static T Load<TLanes, T>(nint row, bool isBFloat16, int channel)
        where TLanes : struct, IFloatLanes<T>
        where T : struct =>
        isBFloat16 ? TLanes.LoadBFloat16((ushort*)row + channel) : TLanes.Load((float*)row + channel);
}
