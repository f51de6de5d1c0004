using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseConnector.Kernels;

/// <summary>
/// A matrix of 8-bit weights with one scale for each row: a weight is its integer times the row's scale.
/// </summary>
/// <remarks>Inputs stay float32: the only error is that of the rounded weights.</remarks>
/// <param name="Weights">The first integer of <c>[rows, columns]</c>.</param>
/// <param name="Scales">The first scale, float32, of <c>[rows]</c>.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
internal sealed unsafe record Int8Matrix(nint Weights, nint Scales, long Rows, long Columns) : IKernelMatrix
{
    private const int PrefetchBytes = 8192;
    private const int Largest = 127;

    /// <inheritdoc/>
    public int MaxInputs => 8;

    /// <inheritdoc/>
    public int RowGrain => 2;

    /// <inheritdoc/>
    public long BytesPerRow => Columns + sizeof(float);

    /// <summary>Rounds rows of weights: <c>[count, columns]</c> float32 → integers and a scale each.</summary>
    public static void Quantize(float* source, long count, long columns, sbyte* weights, float* scales)
    {
        for (long row = 0; row < count; row++)
        {
            float* values = source + (row * columns);
            Vector256<float> most = Vector256<float>.Zero;
            long i = 0;
            for (; i <= columns - Lanes256.Count; i += Lanes256.Count)
            {
                most = Vector256.Max(most, Vector256.Abs(Vector256.Load(values + i)));
            }

            float largest = 0;
            for (int lane = 0; lane < Lanes256.Count; lane++)
            {
                largest = MathF.Max(largest, most[lane]);
            }

            for (; i < columns; i++)
            {
                largest = MathF.Max(largest, MathF.Abs(values[i]));
            }

            float scale = largest / Largest;
            float inverse = scale == 0 ? 0 : 1 / scale;
            scales[row] = scale;
            sbyte* target = weights + (row * columns);
            for (i = 0; i <= columns - Lanes256.Count; i += Lanes256.Count)
            {
                Vector256<int> levels = Vector256.ConvertToInt32(Vector256.Round(Vector256.Load(values + i) * inverse));
                Vector128<short> narrow = Vector128.Narrow(levels.GetLower(), levels.GetUpper());
                Vector128.Narrow(narrow, narrow).GetLower().Store(target + i);
            }

            for (; i < columns; i++)
            {
                target[i] = (sbyte)MathF.Round(values[i] * inverse);
            }
        }
    }

    /// <summary>Turns rows back into numbers, at the same place of <paramref name="target"/>.</summary>
    public void Dequantize(LaneWidth width, long firstRow, long endRow, RowBlock target)
    {
        if (width == LaneWidth.Sixteen && target.IsBFloat16)
        {
            DequantizeToBFloat16(firstRow, endRow, target);
        }
        else
        {
            DequantizeRows(firstRow, endRow, target);
        }
    }

    private void DequantizeRows(long firstRow, long endRow, RowBlock target)
    {
        float[] row = new float[Columns];
        fixed (float* values = row)
        {
            for (long i = firstRow; i < endRow; i++)
            {
                sbyte* weights = (sbyte*)Weights + (i * Columns);
                Vector256<float> scale = Vector256.Create(((float*)Scales)[i]);
                long column = 0;
                for (; column <= Columns - Lanes256.Count; column += Lanes256.Count)
                {
                    (Lanes256.LoadInt8(weights + column) * scale).Store(values + column);
                }

                for (; column < Columns; column++)
                {
                    values[column] = weights[column] * scale[0];
                }

                target.Write((int)i, 0, values, Columns);
            }
        }
    }

    private void DequantizeToBFloat16(long firstRow, long endRow, RowBlock target)
    {
        for (long row = firstRow; row < endRow; row++)
        {
            sbyte* weights = (sbyte*)Weights + (row * Columns);
            ushort* values = (ushort*)target.Data + (row * Columns);
            Vector512<float> scale = Vector512.Create(((float*)Scales)[row]);
            long column = 0;
            for (; column <= Columns - (2 * Lanes512.Count); column += 2 * Lanes512.Count)
            {
                Prefetch(weights + column, PrefetchBytes);
                Vector256<ushort> low = BFloat16.Narrow(Lanes512.LoadInt8(weights + column) * scale);
                sbyte* next = weights + column + Lanes512.Count;
                Vector512.Create(low, BFloat16.Narrow(Lanes512.LoadInt8(next) * scale)).Store(values + column);
            }

            for (; column < Columns; column++)
            {
                values[column] = BFloat16.FromSingle(weights[column] * scale[0]);
            }
        }
    }

    /// <inheritdoc/>
    public long PreparedBytes(int inputs) => inputs * Columns * sizeof(float);

    /// <inheritdoc/>
    public void Prepare(RowBlock inputs, int input, byte* prepared) =>
        inputs.Read(input, 0, (float*)prepared + (input * Columns), Columns);

    /// <inheritdoc/>
    public void Multiply(LaneWidth width, byte* prepared, int inputs, long firstRow, long endRow, float* outputs)
    {
        switch (width)
        {
            case LaneWidth.Sixteen:
                Multiply<Lanes512, Vector512<float>>((float*)prepared, inputs, firstRow, endRow, outputs);
                break;
            case LaneWidth.Eight:
                Multiply<Lanes256, Vector256<float>>((float*)prepared, inputs, firstRow, endRow, outputs);
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
        float* scales = (float*)Scales;
        for (long row = firstRow; row < endRow; row += 2)
        {
            sbyte* first = (sbyte*)Weights + (row * Columns);
            sbyte* second = row + 1 < endRow ? first + Columns : null;
            float* output = outputs + (row - firstRow);
            int input = 0;
            for (; input + 4 <= inputs && second is not null; input += 4)
            {
                Four<TLanes, T>(first, scales + row, prepared + (input * Columns), output + (input * count), count);
            }

            for (; input < inputs; input++)
            {
                float* x = prepared + (input * Columns);
                output[input * count] = One<TLanes, T>(first, x) * scales[row];
                if (second is not null)
                {
                    output[(input * count) + 1] = One<TLanes, T>(second, x) * scales[row + 1];
                }
            }
        }
    }

    /// <summary>One row of integers with one input.</summary>
    private float One<TLanes, T>(sbyte* weights, float* x)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        int count = TLanes.Count;
        T low = TLanes.Zero, high = TLanes.Zero;
        long i = 0;
        for (; i <= Columns - (4 * count); i += 4 * count)
        {
            Prefetch(weights + i, PrefetchBytes);
            low = TLanes.MultiplyAdd(TLanes.LoadInt8(weights + i), TLanes.Load(x + i), low);
            high = TLanes.MultiplyAdd(TLanes.LoadInt8(weights + i + count), TLanes.Load(x + i + count), high);
            sbyte* next = weights + i + (2 * count);
            low = TLanes.MultiplyAdd(TLanes.LoadInt8(next), TLanes.Load(x + i + (2 * count)), low);
            high = TLanes.MultiplyAdd(TLanes.LoadInt8(next + count), TLanes.Load(x + i + (3 * count)), high);
        }

        return TLanes.Sum(TLanes.Add(low, high)) + Rest(weights, x, i);
    }

    /// <summary>Two rows of integers with four inputs; each output is the sum that <c>One</c> makes.</summary>
    private void Four<TLanes, T>(sbyte* first, float* scales, float* x, float* output, long stride)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        sbyte* second = first + Columns;
        sbyte* following = second + Columns;
        float* x0 = x, x1 = x0 + Columns, x2 = x1 + Columns, x3 = x2 + Columns;
        int count = TLanes.Count;
        T a0 = TLanes.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        T c0 = a0, c1 = a0, c2 = a0, c3 = a0, d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        long end = Columns / (4 * count) * (4 * count);
        long i = 0;
        for (; i < end; i += 2 * count)
        {
            // The next two rows, twice as fast as these are read.
            Prefetch(following + (2 * i), 0);
            T lowA = TLanes.LoadInt8(first + i), highA = TLanes.LoadInt8(first + i + count);
            T lowB = TLanes.LoadInt8(second + i), highB = TLanes.LoadInt8(second + i + count);
            T low = TLanes.Load(x0 + i), high = TLanes.Load(x0 + i + count);
            a0 = TLanes.MultiplyAdd(lowA, low, a0);
            b0 = TLanes.MultiplyAdd(highA, high, b0);
            c0 = TLanes.MultiplyAdd(lowB, low, c0);
            d0 = TLanes.MultiplyAdd(highB, high, d0);
            low = TLanes.Load(x1 + i);
            high = TLanes.Load(x1 + i + count);
            a1 = TLanes.MultiplyAdd(lowA, low, a1);
            b1 = TLanes.MultiplyAdd(highA, high, b1);
            c1 = TLanes.MultiplyAdd(lowB, low, c1);
            d1 = TLanes.MultiplyAdd(highB, high, d1);
            low = TLanes.Load(x2 + i);
            high = TLanes.Load(x2 + i + count);
            a2 = TLanes.MultiplyAdd(lowA, low, a2);
            b2 = TLanes.MultiplyAdd(highA, high, b2);
            c2 = TLanes.MultiplyAdd(lowB, low, c2);
            d2 = TLanes.MultiplyAdd(highB, high, d2);
            low = TLanes.Load(x3 + i);
            high = TLanes.Load(x3 + i + count);
            a3 = TLanes.MultiplyAdd(lowA, low, a3);
            b3 = TLanes.MultiplyAdd(highA, high, b3);
            c3 = TLanes.MultiplyAdd(lowB, low, c3);
            d3 = TLanes.MultiplyAdd(highB, high, d3);
        }

        output[0] = (TLanes.Sum(TLanes.Add(a0, b0)) + Rest(first, x0, i)) * scales[0];
        output[1] = (TLanes.Sum(TLanes.Add(c0, d0)) + Rest(second, x0, i)) * scales[1];
        output[stride] = (TLanes.Sum(TLanes.Add(a1, b1)) + Rest(first, x1, i)) * scales[0];
        output[stride + 1] = (TLanes.Sum(TLanes.Add(c1, d1)) + Rest(second, x1, i)) * scales[1];
        output[2 * stride] = (TLanes.Sum(TLanes.Add(a2, b2)) + Rest(first, x2, i)) * scales[0];
        output[(2 * stride) + 1] = (TLanes.Sum(TLanes.Add(c2, d2)) + Rest(second, x2, i)) * scales[1];
        output[3 * stride] = (TLanes.Sum(TLanes.Add(a3, b3)) + Rest(first, x3, i)) * scales[0];
        output[(3 * stride) + 1] = (TLanes.Sum(TLanes.Add(c3, d3)) + Rest(second, x3, i)) * scales[1];
    }

    /// <summary>What is left over behind the last full register.</summary>
    private float Rest(sbyte* weights, float* x, long start)
    {
        float sum = 0;
        for (long i = start; i < Columns; i++)
        {
            sum = MathF.FusedMultiplyAdd(weights[i], x[i], sum);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(sbyte* weights, int ahead)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(weights + ahead);
        }
    }
}
