namespace DenseConnector.Kernels;

/// <summary>How a group of 32 numbers becomes small integers and a scale.</summary>
internal static unsafe class Int4Rounding
{
    private const int Group = Int4Matrix.Group;
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
        float furthest = 0;
        for (int i = 0; i < Group; i++)
        {
            furthest = MathF.Abs(values[i]) > MathF.Abs(furthest) ? values[i] : furthest;
        }

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

        float inverse = Inverse(best);
        for (int i = 0; i < Group; i++)
        {
            levels[i] = (byte)(Level(values[i], inverse) + Zero);
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

    /// <summary>The scale that fits best to the levels a scale gives.</summary>
    private static ushort Improve(float* values, ushort scale)
    {
        float inverse = Inverse(scale);
        float products = 0, squares = 0;
        for (int i = 0; i < Group; i++)
        {
            float level = Level(values[i], inverse);
            products += level * values[i];
            squares += level * level;
        }

        float best = products / squares;
        return float.IsFinite(best) ? BFloat16.FromSingle(best) : scale;
    }

    private static float Error(float* values, ushort scale)
    {
        float inverse = Inverse(scale);
        float size = BFloat16.ToSingle(scale);
        float error = 0;
        for (int i = 0; i < Group; i++)
        {
            float difference = values[i] - (Level(values[i], inverse) * size);
            error += difference * difference;
        }

        return error;
    }

    private static float Inverse(ushort scale)
    {
        float inverse = 1 / BFloat16.ToSingle(scale);
        return float.IsFinite(inverse) ? inverse : 0;
    }

    private static float Level(float value, float inverse) =>
        Math.Clamp(MathF.Round(value * inverse), -Zero, Largest - Zero);
}
