using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseConnector.Kernels;

/// <summary>
/// A matrix of bfloat16 weights, row after row, as checkpoints store it; often a mapped file's memory.
/// </summary>
/// <param name="Weights">The first weight of <c>[rows, columns]</c>.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
internal sealed unsafe record BFloat16Matrix(nint Weights, long Rows, long Columns) : IKernelMatrix
{
    // Into the second-level cache, which waits for more lines at a time than the first: on a Zen 4 core 18.7 GB/s
    // against 10.6 GB/s. 8 KiB ahead is far enough for memory to answer in time, 4 KiB is not (15.9 GB/s).
    private const int PrefetchBytes = 8192;

    /// <inheritdoc/>
    public int RowGrain => 2;

    /// <inheritdoc/>
    public long BytesPerRow => Columns * sizeof(ushort);

    /// <inheritdoc/>
    /// <remarks>
    /// For each input the values at even places, then those at odd places: a register of weight pairs then meets a
    /// register of inputs without shuffling. Behind the last pair stands the odd one out, if there is one.
    /// </remarks>
    public long PreparedBytes(int inputs) => inputs * Columns * sizeof(float);

    /// <inheritdoc/>
    public void Prepare(RowBlock inputs, byte* prepared)
    {
        long pairs = Columns / 2;
        for (int input = 0; input < inputs.Count; input++)
        {
            float* even = (float*)prepared + (input * Columns);
            float* odd = even + pairs;
            if (inputs.IsBFloat16)
            {
                ushort* values = (ushort*)inputs.Data + (input * Columns);
                for (long i = 0; i < pairs; i++)
                {
                    even[i] = BFloat16.ToSingle(values[2 * i]);
                    odd[i] = BFloat16.ToSingle(values[(2 * i) + 1]);
                }
            }
            else
            {
                float* values = (float*)inputs.Data + (input * Columns);
                for (long i = 0; i < pairs; i++)
                {
                    even[i] = values[2 * i];
                    odd[i] = values[(2 * i) + 1];
                }
            }

            if (Columns % 2 != 0)
            {
                inputs.Read(input, Columns - 1, odd + pairs, 1);
            }
        }
    }

    /// <inheritdoc/>
    public void Multiply(LaneWidth width, byte* prepared, int inputs, long firstRow, long endRow, float* outputs)
    {
        switch (width)
        {
            case LaneWidth.Sixteen:
                Multiply<Lanes512, Vector512<float>>(
                    (float*)prepared, inputs, firstRow, endRow, outputs);
                break;
            case LaneWidth.Eight:
                Multiply<Lanes256, Vector256<float>>(
                    (float*)prepared, inputs, firstRow, endRow, outputs);
                break;
            default:
                Multiply<Lanes1, float>((float*)prepared, inputs, firstRow, endRow, outputs);
                break;
        }
    }

    private void Multiply<TLanes, T>(float* prepared, int inputs, long firstRow, long endRow, float* outputs)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        long count = endRow - firstRow;
        for (long row = firstRow; row < endRow; row += 2)
        {
            ushort* first = (ushort*)Weights + (row * Columns);
            ushort* second = row + 1 < endRow ? first + Columns : null;
            float* output = outputs + (row - firstRow);
            int input = 0;
            for (; input + 4 <= inputs && second is not null; input += 4)
            {
                Four<TLanes, T>(first, prepared + (input * Columns), output + (input * count), count);
            }

            for (; input < inputs; input++)
            {
                float* x = prepared + (input * Columns);
                output[input * count] = One<TLanes, T>(first, x);
                if (second is not null)
                {
                    output[(input * count) + 1] = One<TLanes, T>(second, x);
                }
            }
        }
    }

    /// <summary>One row of weights with one input.</summary>
    private float One<TLanes, T>(ushort* weights, float* even)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        long pairs = Columns / 2;
        float* odd = even + pairs;
        T low = TLanes.Zero, high = TLanes.Zero;
        long i = 0;
        for (; i <= pairs - TLanes.Count; i += TLanes.Count)
        {
            Prefetch(weights + (2 * i), PrefetchBytes);
            (T e, T o) = TLanes.LoadBFloat16Pairs(weights + (2 * i));
            low = TLanes.MultiplyAdd(e, TLanes.Load(even + i), low);
            high = TLanes.MultiplyAdd(o, TLanes.Load(odd + i), high);
        }

        return TLanes.Sum(TLanes.Add(low, high)) + Rest(weights, even, odd, i);
    }

    /// <summary>Two rows of weights with four inputs; each output is the sum that <c>One</c> makes.</summary>
    private void Four<TLanes, T>(ushort* first, float* even, float* output, long stride)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        long pairs = Columns / 2;
        ushort* second = first + Columns;
        ushort* following = second + Columns;
        float* e0 = even, e1 = e0 + Columns, e2 = e1 + Columns, e3 = e2 + Columns;
        T a0 = TLanes.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        T c0 = a0, c1 = a0, c2 = a0, c3 = a0, d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        long i = 0;
        for (; i <= pairs - TLanes.Count; i += TLanes.Count)
        {
            // The next two rows, twice as fast as these are read.
            Prefetch(following + (4 * i), 0);
            Prefetch(following + (4 * i), 64);
            (T evenA, T oddA) = TLanes.LoadBFloat16Pairs(first + (2 * i));
            (T evenB, T oddB) = TLanes.LoadBFloat16Pairs(second + (2 * i));
            T e = TLanes.Load(e0 + i), o = TLanes.Load(e0 + pairs + i);
            a0 = TLanes.MultiplyAdd(evenA, e, a0);
            b0 = TLanes.MultiplyAdd(oddA, o, b0);
            c0 = TLanes.MultiplyAdd(evenB, e, c0);
            d0 = TLanes.MultiplyAdd(oddB, o, d0);
            e = TLanes.Load(e1 + i);
            o = TLanes.Load(e1 + pairs + i);
            a1 = TLanes.MultiplyAdd(evenA, e, a1);
            b1 = TLanes.MultiplyAdd(oddA, o, b1);
            c1 = TLanes.MultiplyAdd(evenB, e, c1);
            d1 = TLanes.MultiplyAdd(oddB, o, d1);
            e = TLanes.Load(e2 + i);
            o = TLanes.Load(e2 + pairs + i);
            a2 = TLanes.MultiplyAdd(evenA, e, a2);
            b2 = TLanes.MultiplyAdd(oddA, o, b2);
            c2 = TLanes.MultiplyAdd(evenB, e, c2);
            d2 = TLanes.MultiplyAdd(oddB, o, d2);
            e = TLanes.Load(e3 + i);
            o = TLanes.Load(e3 + pairs + i);
            a3 = TLanes.MultiplyAdd(evenA, e, a3);
            b3 = TLanes.MultiplyAdd(oddA, o, b3);
            c3 = TLanes.MultiplyAdd(evenB, e, c3);
            d3 = TLanes.MultiplyAdd(oddB, o, d3);
        }

        output[0] = TLanes.Sum(TLanes.Add(a0, b0)) + Rest(first, e0, e0 + pairs, i);
        output[1] = TLanes.Sum(TLanes.Add(c0, d0)) + Rest(second, e0, e0 + pairs, i);
        output[stride] = TLanes.Sum(TLanes.Add(a1, b1)) + Rest(first, e1, e1 + pairs, i);
        output[stride + 1] = TLanes.Sum(TLanes.Add(c1, d1)) + Rest(second, e1, e1 + pairs, i);
        output[2 * stride] = TLanes.Sum(TLanes.Add(a2, b2)) + Rest(first, e2, e2 + pairs, i);
        output[(2 * stride) + 1] = TLanes.Sum(TLanes.Add(c2, d2)) + Rest(second, e2, e2 + pairs, i);
        output[3 * stride] = TLanes.Sum(TLanes.Add(a3, b3)) + Rest(first, e3, e3 + pairs, i);
        output[(3 * stride) + 1] = TLanes.Sum(TLanes.Add(c3, d3)) + Rest(second, e3, e3 + pairs, i);
    }

    /// <summary>What is left over behind the last full register.</summary>
    private float Rest(ushort* weights, float* even, float* odd, long firstPair)
    {
        float sum = 0;
        long pairs = Columns / 2;
        for (long i = firstPair; i < pairs; i++)
        {
            sum = MathF.FusedMultiplyAdd(BFloat16.ToSingle(weights[2 * i]), even[i], sum);
            sum = MathF.FusedMultiplyAdd(BFloat16.ToSingle(weights[(2 * i) + 1]), odd[i], sum);
        }

        return Columns % 2 == 0
            ? sum
            : MathF.FusedMultiplyAdd(BFloat16.ToSingle(weights[Columns - 1]), odd[pairs], sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(ushort* weights, int ahead)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1((byte*)weights + ahead);
        }
    }
}
