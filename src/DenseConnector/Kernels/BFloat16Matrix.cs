using System.Runtime.Intrinsics;

namespace DenseConnector.Kernels;

/// <summary>
/// A matrix of bfloat16 weights, row after row, as checkpoints store it; often a mapped file's memory.
/// </summary>
/// <remarks>
/// Inputs are bfloat16 too and stay so until they meet a weight: as float32 they would take half of the first-level
/// cache and push the weights out of it, which halves the speed (measured on Zen 4). A row is one stream of memory,
/// which the processor's own prefetching follows best; software prefetching only made it slower.
/// </remarks>
/// <param name="Weights">The first weight of <c>[rows, columns]</c>.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
internal sealed unsafe record BFloat16Matrix(nint Weights, long Rows, long Columns) : IKernelMatrix
{
    private const int CacheLine = 64;

    /// <inheritdoc/>
    public int MaxInputs => 8;

    /// <inheritdoc/>
    public int RowGrain => 1;

    /// <inheritdoc/>
    public long BytesPerRow => Columns * sizeof(ushort);

    // Inputs start at cache lines.
    private long PreparedStride => (BytesPerRow + CacheLine - 1) / CacheLine * CacheLine / sizeof(ushort);

    /// <inheritdoc/>
    public long PreparedBytes(int inputs) => inputs * PreparedStride * sizeof(ushort);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The inputs are float32.</exception>
    public void Prepare(RowBlock inputs, int input, byte* prepared)
    {
        if (!inputs.IsBFloat16)
        {
            throw new ArgumentException("The inputs are float32, the weights bfloat16.", nameof(inputs));
        }

        ushort* values = (ushort*)inputs.Data + (input * Columns);
        Buffer.MemoryCopy(values, (ushort*)prepared + (input * PreparedStride), BytesPerRow, BytesPerRow);
    }

    /// <inheritdoc/>
    public void Multiply(LaneWidth width, byte* prepared, int inputs, long firstRow, long endRow, float* outputs)
    {
        switch (width)
        {
            case LaneWidth.Sixteen:
                Multiply<Lanes512, Vector512<float>>((ushort*)prepared, inputs, firstRow, endRow, outputs);
                break;
            case LaneWidth.Eight:
                Multiply<Lanes256, Vector256<float>>((ushort*)prepared, inputs, firstRow, endRow, outputs);
                break;
            default:
                Multiply<Lanes1, float>((ushort*)prepared, inputs, firstRow, endRow, outputs);
                break;
        }
    }

    private void Multiply<TLanes, T>(ushort* prepared, int inputs, long firstRow, long endRow, float* outputs)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        long count = endRow - firstRow;
        for (long row = firstRow; row < endRow; row++)
        {
            ushort* weights = (ushort*)Weights + (row * Columns);
            float* output = outputs + (row - firstRow);
            int input = 0;
            for (; input + 4 <= inputs; input += 4)
            {
                Four<TLanes, T>(weights, prepared + (input * PreparedStride), output + (input * count), count);
            }

            for (; input < inputs; input++)
            {
                output[input * count] = One<TLanes, T>(weights, prepared + (input * PreparedStride));
            }
        }
    }

    /// <summary>One row of weights with one input.</summary>
    private float One<TLanes, T>(ushort* weights, ushort* x)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        int pair = 2 * TLanes.Count;
        T even = TLanes.Zero, odd = TLanes.Zero;
        long i = 0;
        for (; i <= Columns - pair; i += pair)
        {
            (T evenWeights, T oddWeights) = TLanes.LoadBFloat16Pairs(weights + i);
            (T evenInputs, T oddInputs) = TLanes.LoadBFloat16Pairs(x + i);
            even = TLanes.MultiplyAdd(evenWeights, evenInputs, even);
            odd = TLanes.MultiplyAdd(oddWeights, oddInputs, odd);
        }

        return TLanes.Sum(TLanes.Add(even, odd)) + Rest(weights, x, i);
    }

    /// <summary>One row of weights with four inputs; each output is the sum that <c>One</c> makes.</summary>
    private void Four<TLanes, T>(ushort* weights, ushort* x, float* output, long stride)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        ushort* x0 = x, x1 = x0 + PreparedStride, x2 = x1 + PreparedStride, x3 = x2 + PreparedStride;
        int pair = 2 * TLanes.Count;
        T even0 = TLanes.Zero, even1 = even0, even2 = even0, even3 = even0;
        T odd0 = even0, odd1 = even0, odd2 = even0, odd3 = even0;
        long i = 0;
        for (; i <= Columns - pair; i += pair)
        {
            (T evenWeights, T oddWeights) = TLanes.LoadBFloat16Pairs(weights + i);
            (T evenInputs, T oddInputs) = TLanes.LoadBFloat16Pairs(x0 + i);
            even0 = TLanes.MultiplyAdd(evenWeights, evenInputs, even0);
            odd0 = TLanes.MultiplyAdd(oddWeights, oddInputs, odd0);
            (evenInputs, oddInputs) = TLanes.LoadBFloat16Pairs(x1 + i);
            even1 = TLanes.MultiplyAdd(evenWeights, evenInputs, even1);
            odd1 = TLanes.MultiplyAdd(oddWeights, oddInputs, odd1);
            (evenInputs, oddInputs) = TLanes.LoadBFloat16Pairs(x2 + i);
            even2 = TLanes.MultiplyAdd(evenWeights, evenInputs, even2);
            odd2 = TLanes.MultiplyAdd(oddWeights, oddInputs, odd2);
            (evenInputs, oddInputs) = TLanes.LoadBFloat16Pairs(x3 + i);
            even3 = TLanes.MultiplyAdd(evenWeights, evenInputs, even3);
            odd3 = TLanes.MultiplyAdd(oddWeights, oddInputs, odd3);
        }

        output[0] = TLanes.Sum(TLanes.Add(even0, odd0)) + Rest(weights, x0, i);
        output[stride] = TLanes.Sum(TLanes.Add(even1, odd1)) + Rest(weights, x1, i);
        output[2 * stride] = TLanes.Sum(TLanes.Add(even2, odd2)) + Rest(weights, x2, i);
        output[3 * stride] = TLanes.Sum(TLanes.Add(even3, odd3)) + Rest(weights, x3, i);
    }

    /// <summary>What is left over behind the last full register.</summary>
    private float Rest(ushort* weights, ushort* x, long start)
    {
        float sum = 0;
        for (long i = start; i < Columns; i++)
        {
            sum = MathF.FusedMultiplyAdd(BFloat16.ToSingle(weights[i]), BFloat16.ToSingle(x[i]), sum);
        }

        return sum;
    }
}
