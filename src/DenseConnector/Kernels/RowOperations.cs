using System.Runtime.Intrinsics;

namespace DenseConnector.Kernels;

/// <summary>
/// What happens to a few rows of activations between two matrix products, where libtorch's parallel operators would
/// wake its threads.
/// </summary>
/// <remarks>
/// Numbers are widened to float32, computed on, and rounded where libtorch's operators round them: a row comes out as
/// it does there but for the order of sums.
/// </remarks>
internal static unsafe class RowOperations
{
    /// <summary>Root-mean-square normalisation: each row over its own size, times <paramref name="weight"/>.</summary>
    public static void RmsNorm(RowBlock input, RowBlock weight, float epsilon, RowBlock output)
    {
        int width = (int)input.Width;
        float[] row = new float[width], scale = new float[width];
        fixed (float* values = row, scales = scale)
        {
            weight.Read(0, 0, scales, width);
            for (int i = 0; i < input.Count; i++)
            {
                input.Read(i, 0, values, width);
                float inverse = 1 / MathF.Sqrt((SumOfSquares(values, width) / width) + epsilon);
                for (int channel = 0; channel < width; channel++)
                {
                    float normed = values[channel] * inverse;

                    // The reference rounds before it scales.
                    normed = input.IsBFloat16 ? BFloat16.ToSingle(BFloat16.FromSingle(normed)) : normed;
                    values[channel] = normed * scales[channel];
                }

                output.Write(i, 0, values, width);
            }
        }
    }

    /// <summary>The gate's SiLU times the other half: <c>gate / (1 + e^-gate) · up</c>, in place of the gate.</summary>
    public static void GateProduct(RowBlock gate, RowBlock up)
    {
        const int Part = 1024;
        float* gates = stackalloc float[Part];
        float* ups = stackalloc float[Part];
        for (int row = 0; row < gate.Count; row++)
        {
            for (long start = 0; start < gate.Width; start += Part)
            {
                int count = (int)Math.Min(Part, gate.Width - start);
                gate.Read(row, start, gates, count);
                up.Read(row, start, ups, count);
                int i = 0;
                for (; i <= count - Lanes256.Count; i += Lanes256.Count)
                {
                    Vector256<float> value = Vector256.Load(gates + i);
                    Vector256<float> gated = value / (Vector256<float>.One + Vector256.Exp(-value));
                    (gated * Vector256.Load(ups + i)).Store(gates + i);
                }

                for (; i < count; i++)
                {
                    gates[i] = gates[i] / (1 + MathF.Exp(-gates[i])) * ups[i];
                }

                gate.Write(row, start, gates, count);
            }
        }
    }

    /// <summary>Adds <paramref name="addend"/> to <paramref name="sum"/> in place.</summary>
    public static void AddTo(RowBlock sum, RowBlock addend)
    {
        const int Part = 1024;
        float* left = stackalloc float[Part];
        float* right = stackalloc float[Part];
        for (int row = 0; row < sum.Count; row++)
        {
            for (long start = 0; start < sum.Width; start += Part)
            {
                int count = (int)Math.Min(Part, sum.Width - start);
                sum.Read(row, start, left, count);
                addend.Read(row, start, right, count);
                for (int i = 0; i < count; i++)
                {
                    left[i] += right[i];
                }

                sum.Write(row, start, left, count);
            }
        }
    }

    /// <summary>
    /// Turns heads by their positions in place: channels i and i + width/2 of each head, by the tables' angles.
    /// </summary>
    /// <param name="heads">One row of <c>heads · headSize</c> for each token.</param>
    /// <param name="headSize">Width of a head.</param>
    /// <param name="cosine">A row of at least <paramref name="width"/> for each position.</param>
    /// <param name="sine">Likewise.</param>
    /// <param name="width">Channels of each head that are turned.</param>
    /// <param name="positions">The position of each token.</param>
    public static void Rotate(
        RowBlock heads, int headSize, RowBlock cosine, RowBlock sine, int width, ReadOnlySpan<int> positions)
    {
        float* head = stackalloc float[width];
        float* cos = stackalloc float[width];
        float* sin = stackalloc float[width];
        int half = width / 2;
        for (int token = 0; token < heads.Count; token++)
        {
            cosine.Read(positions[token], 0, cos, width);
            sine.Read(positions[token], 0, sin, width);
            for (long start = 0; start < heads.Width; start += headSize)
            {
                heads.Read(token, start, head, width);
                for (int i = 0; i < half; i++)
                {
                    (float low, float high) = (head[i], head[i + half]);
                    head[i] = (low * cos[i]) - (high * sin[i]);
                    head[i + half] = (high * cos[i + half]) + (low * sin[i + half]);
                }

                heads.Write(token, start, head, width);
            }
        }
    }

    private static float SumOfSquares(float* values, int count)
    {
        Vector256<float> sums = Vector256<float>.Zero;
        int i = 0;
        for (; i <= count - Lanes256.Count; i += Lanes256.Count)
        {
            Vector256<float> value = Vector256.Load(values + i);
            sums += value * value;
        }

        float sum = Vector256.Sum(sums);
        for (; i < count; i++)
        {
            sum += values[i] * values[i];
        }

        return sum;
    }
}
