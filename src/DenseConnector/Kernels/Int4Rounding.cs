using System.Runtime.Intrinsics;

namespace DenseConnector.Kernels;

/// <summary>How a group of 32 numbers becomes small integers and a scale.</summary>
internal static unsafe class Int4Rounding
{
    private const int Group = Int4Matrix.Group;
    private const int Count = 8;
    private const int Zero = 8, Largest = 15;

    // The number furthest from zero is given level 0 or one beyond it; a little clipping often costs less than the
    // coarser steps that would avoid it.
    private static ReadOnlySpan<float> Reaches => [-8f, -7.5f, -7f, -8.5f];

    /// <summary>
    /// Rounds weights to levels 0 to 15, where 8 stands for zero, so that the sum of squared errors is small.
    /// </summary>
    /// <remarks>
    /// Of a few scales that put the number furthest from zero at the end of the range, each improved once by least
    /// squares, the best is taken.
    /// </remarks>
    /// <param name="values">32 weights.</param>
    /// <param name="levels">32 levels.</param>
    /// <returns>The scale, as bfloat16.</returns>
    public static ushort Round(float* values, byte* levels)
    {
        float furthest = Furthest(values);
        ushort best = BFloat16.FromSingle(furthest / -Zero);
        float bestError = float.PositiveInfinity;
        foreach (float reach in Reaches)
        {
            ushort scale = Improve(values, BFloat16.FromSingle(furthest / reach));
            float error = Error(values, scale);
            if (error < bestError)
            {
                best = scale;
                bestError = error;
            }
        }

        Vector256<float> inverse = Vector256.Create(Inverse(best));
        for (int i = 0; i < Group; i += Count)
        {
            Vector256<int> level = Vector256.ConvertToInt32(Levels(values + i, inverse)) + Vector256.Create(Zero);
            for (int j = 0; j < Count; j++)
            {
                levels[i + j] = (byte)level[j];
            }
        }

        return best;
    }

    /// <summary>
    /// Rounds inputs to integers of -127 to 127; gives their scale, and what the zero of the weights' levels adds to a
    /// product: -8 times the sum of the rounded inputs.
    /// </summary>
    public static (float Scale, float Offset) RoundInput(float* values, sbyte* levels)
    {
        float largest = 0;
        for (int i = 0; i < Group; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(values[i]));
        }

        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        int sum = 0;
        for (int i = 0; i < Group; i++)
        {
            int level = (int)MathF.Round(values[i] * inverse);
            levels[i] = (sbyte)level;
            sum += level;
        }

        return (scale, -Zero * scale * sum);
    }

    /// <summary>The number furthest from zero, with its sign.</summary>
    private static float Furthest(float* values)
    {
        Vector256<float> least = Vector256<float>.Zero, most = Vector256<float>.Zero;
        for (int i = 0; i < Group; i += Count)
        {
            Vector256<float> value = Vector256.Load(values + i);
            least = Vector256.Min(least, value);
            most = Vector256.Max(most, value);
        }

        (float low, float high) = (0, 0);
        for (int i = 0; i < Count; i++)
        {
            low = MathF.Min(low, least[i]);
            high = MathF.Max(high, most[i]);
        }

        return high >= -low ? high : low;
    }

    /// <summary>The scale that fits best to the levels a scale gives.</summary>
    private static ushort Improve(float* values, ushort scale)
    {
        Vector256<float> inverse = Vector256.Create(Inverse(scale));
        Vector256<float> products = Vector256<float>.Zero, squares = Vector256<float>.Zero;
        for (int i = 0; i < Group; i += Count)
        {
            Vector256<float> level = Levels(values + i, inverse);
            products += level * Vector256.Load(values + i);
            squares += level * level;
        }

        float best = Vector256.Sum(products) / Vector256.Sum(squares);
        return float.IsFinite(best) ? BFloat16.FromSingle(best) : scale;
    }

    private static float Error(float* values, ushort scale)
    {
        Vector256<float> inverse = Vector256.Create(Inverse(scale));
        Vector256<float> size = Vector256.Create(BFloat16.ToSingle(scale));
        Vector256<float> error = Vector256<float>.Zero;
        for (int i = 0; i < Group; i += Count)
        {
            Vector256<float> difference = Vector256.Load(values + i) - (Levels(values + i, inverse) * size);
            error += difference * difference;
        }

        return Vector256.Sum(error);
    }

    private static float Inverse(ushort scale)
    {
        float inverse = 1 / BFloat16.ToSingle(scale);
        return float.IsFinite(inverse) ? inverse : 0;
    }

    /// <summary>Levels from -8 to 7.</summary>
    private static Vector256<float> Levels(float* values, Vector256<float> inverse) => Vector256.Min(
        Vector256.Max(Vector256.Round(Vector256.Load(values) * inverse), Vector256.Create<float>(-Zero)),
        Vector256.Create<float>(Largest - Zero));
}
