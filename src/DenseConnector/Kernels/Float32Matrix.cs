using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseConnector.Kernels;

/// <summary>A matrix of float32 weights, row after row.</summary>
/// <param name="Weights">The first weight of <c>[rows, columns]</c>.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
internal sealed unsafe record Float32Matrix(nint Weights, long Rows, long Columns) : IKernelMatrix
{
    private const int PrefetchBytes = 8192;

    /// <inheritdoc/>
    public int MaxInputs => 8;

    /// <inheritdoc/>
    public int RowGrain => 1;

    /// <inheritdoc/>
    public long BytesPerRow => Columns * sizeof(float);

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
        for (long row = firstRow; row < endRow; row++)
        {
            // For the second input and those after it the row lies in the cache.
            for (int input = 0; input < inputs; input++)
            {
                outputs[(input * count) + (row - firstRow)] =
                    One<TLanes, T>((float*)Weights + (row * Columns), prepared + (input * Columns));
            }
        }
    }

    private float One<TLanes, T>(float* weights, float* x)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        int count = TLanes.Count;
        T low = TLanes.Zero, high = TLanes.Zero;
        long i = 0;
        for (; i <= Columns - (2 * count); i += 2 * count)
        {
            Prefetch(weights + i);
            Prefetch(weights + i + 16);
            low = TLanes.MultiplyAdd(TLanes.Load(weights + i), TLanes.Load(x + i), low);
            high = TLanes.MultiplyAdd(TLanes.Load(weights + i + count), TLanes.Load(x + i + count), high);
        }

        float sum = TLanes.Sum(TLanes.Add(low, high));
        for (; i < Columns; i++)
        {
            sum = MathF.FusedMultiplyAdd(weights[i], x[i], sum);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* weights)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1((byte*)weights + PrefetchBytes);
        }
    }
}
