using System.Runtime.Intrinsics;

namespace DenseConnector.Kernels;

/// <summary>
/// What happens to a few rows of activations between two matrix products, where libtorch's parallel operators would
/// wake its threads.
/// </summary>
/// <remarks>
/// Numbers are widened to float32, computed on, and rounded where libtorch's operators round them: a row comes out as
/// it does there but for the order of sums. Rows, and parts of long ones, are shared out among the team.
/// </remarks>
internal static unsafe class RowOperations
{
    /// <summary>The most rows that are left to these operations; libtorch's threads then pay for being woken.</summary>
    public const int MaxRows = 64;

    // Numbers of a row that are worked on at a time: they stay in the first-level cache.
    private const int Part = 1024;

    /// <summary>Root-mean-square normalisation: each row over its own size, times <paramref name="weight"/>.</summary>
    public static void RmsNorm(
        WorkerTeam team, RowBlock input, RowBlock weight, float epsilon, RowBlock output) =>
        team.Run(input.Count, row =>
        {
            float inverse = 1 / MathF.Sqrt((SumOfSquares(input, row) / input.Width) + epsilon);
            float* values = stackalloc float[Part];
            float* scales = stackalloc float[Part];
            for (long start = 0; start < input.Width; start += Part)
            {
                int count = (int)Math.Min(Part, input.Width - start);
                input.Read(row, start, values, count);
                weight.Read(0, start, scales, count);
                Scale(values, inverse, scales, count, roundsBefore: input.IsBFloat16);
                output.Write(row, start, values, count);
            }
        });

    /// <summary>The gate's SiLU times the other half: <c>gate / (1 + e^-gate) · up</c>, in place of the gate.</summary>
    public static void GateProduct(WorkerTeam team, RowBlock gate, RowBlock up) =>
        RunParts(team, gate, (row, start, count) =>
        {
            float* gates = stackalloc float[Part];
            float* ups = stackalloc float[Part];
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
        });

    /// <summary>Adds <paramref name="addend"/> to <paramref name="sum"/> in place.</summary>
    public static void AddTo(WorkerTeam team, RowBlock sum, RowBlock addend) =>
        team.Run(sum.Count, row =>
        {
            float* left = stackalloc float[Part];
            float* right = stackalloc float[Part];
            for (long start = 0; start < sum.Width; start += Part)
            {
                int count = (int)Math.Min(Part, sum.Width - start);
                sum.Read(row, start, left, count);
                addend.Read(row, start, right, count);
                int i = 0;
                for (; i <= count - Lanes256.Count; i += Lanes256.Count)
                {
                    (Vector256.Load(left + i) + Vector256.Load(right + i)).Store(left + i);
                }

                for (; i < count; i++)
                {
                    left[i] += right[i];
                }

                sum.Write(row, start, left, count);
            }
        });

    /// <summary>
    /// Turns heads by their positions in place: channels i and i + width/2 of each head, by the tables' angles.
    /// </summary>
    /// <param name="team">The threads.</param>
    /// <param name="heads">One row of <c>heads · headSize</c> for each token.</param>
    /// <param name="headSize">Width of a head.</param>
    /// <param name="cosine">A row of at least <paramref name="width"/> for each position.</param>
    /// <param name="sine">Likewise.</param>
    /// <param name="width">Channels of each head that are turned.</param>
    /// <param name="positions">The position of each token.</param>
    public static void Rotate(
        WorkerTeam team, RowBlock heads, int headSize, RowBlock cosine, RowBlock sine, int width, int[] positions) =>
        team.Run(heads.Count, token =>
        {
            float* head = stackalloc float[width];
            float* cos = stackalloc float[width];
            float* sin = stackalloc float[width];
            cosine.Read(positions[token], 0, cos, width);
            sine.Read(positions[token], 0, sin, width);
            for (long start = 0; start < heads.Width; start += headSize)
            {
                heads.Read(token, start, head, width);
                Turn(head, cos, sin, width / 2);
                heads.Write(token, start, head, width);
            }
        });

    private static void Turn(float* head, float* cos, float* sin, int half)
    {
        int i = 0;
        for (; i <= half - Lanes256.Count; i += Lanes256.Count)
        {
            Vector256<float> low = Vector256.Load(head + i), high = Vector256.Load(head + i + half);
            ((low * Vector256.Load(cos + i)) - (high * Vector256.Load(sin + i))).Store(head + i);
            ((high * Vector256.Load(cos + i + half)) + (low * Vector256.Load(sin + i + half))).Store(head + i + half);
        }

        for (; i < half; i++)
        {
            (float low, float high) = (head[i], head[i + half]);
            head[i] = (low * cos[i]) - (high * sin[i]);
            head[i + half] = (high * cos[i + half]) + (low * sin[i + half]);
        }
    }

    /// <summary>Values times one number, then each times its scale; the reference rounds before it scales.</summary>
    private static void Scale(float* values, float factor, float* scales, int count, bool roundsBefore)
    {
        int i = 0;
        for (; i <= count - Lanes256.Count; i += Lanes256.Count)
        {
            Vector256<float> scaled = Vector256.Load(values + i) * factor;
            scaled = roundsBefore ? BFloat16.Round(scaled) : scaled;
            (scaled * Vector256.Load(scales + i)).Store(values + i);
        }

        for (; i < count; i++)
        {
            float scaled = values[i] * factor;
            scaled = roundsBefore ? BFloat16.ToSingle(BFloat16.FromSingle(scaled)) : scaled;
            values[i] = scaled * scales[i];
        }
    }

    private static float SumOfSquares(RowBlock rows, int row)
    {
        float* values = stackalloc float[Part];
        Vector256<float> sums = Vector256<float>.Zero;
        float rest = 0;
        for (long start = 0; start < rows.Width; start += Part)
        {
            int count = (int)Math.Min(Part, rows.Width - start);
            rows.Read(row, start, values, count);
            int i = 0;
            for (; i <= count - Lanes256.Count; i += Lanes256.Count)
            {
                Vector256<float> value = Vector256.Load(values + i);
                sums += value * value;
            }

            for (; i < count; i++)
            {
                rest += values[i] * values[i];
            }
        }

        return Vector256.Sum(sums) + rest;
    }

    private static void RunParts(WorkerTeam team, RowBlock rows, Action<int, long, int> work)
    {
        int parts = (int)((rows.Width + Part - 1) / Part);
        team.Run(rows.Count * parts, piece =>
        {
            long start = (long)(piece % parts) * Part;
            work(piece / parts, start, (int)Math.Min(Part, rows.Width - start));
        });
    }
}
