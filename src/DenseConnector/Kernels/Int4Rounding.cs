using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseConnector.Kernels;

/// <summary>How a group of 32 numbers becomes small integers and a scale.</summary>
internal static unsafe class Int4Rounding
{
    private const int Half = Int4Matrix.Group / 2;
    private const int Zero = 8, Largest = 15;

    // The number furthest from zero is given level 0 or one beyond it; a little clipping often costs less than the
    // coarser steps that would avoid it.
    private static ReadOnlySpan<float> Reaches => [-8f, -7.5f, -7f, -8.5f];

    /// <summary>
    /// Rounds weights to levels 0 to 15, where 8 stands for zero, so that the sum of squared errors is small.
    /// </summary>
    /// <remarks>
    /// A few scales put the number furthest from zero at the end of the range. Of the levels each of them gives, those
    /// are the best whose own best scale (least squares: Σ level·weight / Σ level²) leaves the smallest error, and that
    /// scale is taken.
    /// </remarks>
    /// <param name="values">32 weights.</param>
    /// <param name="levels">32 levels.</param>
    /// <returns>The scale, as bfloat16.</returns>
    public static ushort Round(float* values, byte* levels)
    {
        Vector512<float> low = Vector512.Load(values), high = Vector512.Load(values + Half);
        float furthest = Furthest(low, high);
        float best = furthest / -Zero;
        float mostExplained = 0;
        foreach (float reach in Reaches)
        {
            Vector512<float> inverse = Vector512.Create(Inverse(furthest / reach));
            Vector512<float> lowLevels = Levels(low, inverse), highLevels = Levels(high, inverse);
            float products = Vector512.Sum((lowLevels * low) + (highLevels * high));
            float squares = Vector512.Sum((lowLevels * lowLevels) + (highLevels * highLevels));
            float scale = products / squares;

            // The squared error is Σ weight² less this.
            float explained = scale * products;
            if (explained > mostExplained && float.IsFinite(scale))
            {
                best = scale;
                mostExplained = explained;
            }
        }

        ushort rounded = BFloat16.FromSingle(best);
        Vector512<float> last = Vector512.Create(Inverse(BFloat16.ToSingle(rounded)));
        Vector512<int> zero = Vector512.Create(Zero);
        Vector512<int> first = Vector512.ConvertToInt32Native(Levels(low, last)) + zero;
        Vector512<int> second = Vector512.ConvertToInt32Native(Levels(high, last)) + zero;
        Vector512<short> words = Vector512.Narrow(first, second);
        Vector256.Narrow(words.GetLower(), words.GetUpper()).AsByte().Store(levels);
        return rounded;
    }

    /// <summary>
    /// Rounds inputs to integers of -127 to 127; gives their scale, and what the zero of the weights' levels adds to a
    /// product: -8 times the sum of the rounded inputs.
    /// </summary>
    public static (float Scale, float Offset) RoundInput(float* values, sbyte* levels)
    {
        Vector512<float> low = Vector512.Load(values), high = Vector512.Load(values + Half);
        float largest = MathF.Abs(Furthest(low, high));
        float scale = largest / 127;
        Vector512<float> inverse = Vector512.Create(scale == 0 ? 0 : 1 / scale);
        Vector512<int> first = Vector512.ConvertToInt32Native(Vector512.Round(low * inverse));
        Vector512<int> second = Vector512.ConvertToInt32Native(Vector512.Round(high * inverse));
        Vector512<short> words = Vector512.Narrow(first, second);
        Vector256.Narrow(words.GetLower(), words.GetUpper()).Store(levels);
        return (scale, -Zero * scale * Vector512.Sum(first + second));
    }

    /// <summary>The number furthest from zero, with its sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Furthest(Vector512<float> low, Vector512<float> high)
    {
        Vector512<float> least = Vector512.MinNative(low, high), most = Vector512.MaxNative(low, high);
        Vector256<float> least8 = Vector256.MinNative(least.GetLower(), least.GetUpper());
        Vector256<float> most8 = Vector256.MaxNative(most.GetLower(), most.GetUpper());
        Vector128<float> least4 = Vector128.MinNative(least8.GetLower(), least8.GetUpper());
        Vector128<float> most4 = Vector128.MaxNative(most8.GetLower(), most8.GetUpper());
        float smallest = MathF.Min(MathF.Min(least4[0], least4[1]), MathF.Min(least4[2], least4[3]));
        float largest = MathF.Max(MathF.Max(most4[0], most4[1]), MathF.Max(most4[2], most4[3]));
        return largest >= -smallest ? largest : smallest;
    }

    private static float Inverse(float scale)
    {
        float inverse = 1 / scale;
        return float.IsFinite(inverse) ? inverse : 0;
    }

    /// <summary>Levels from -8 to 7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Levels(Vector512<float> values, Vector512<float> inverse) => Vector512.MinNative(
        Vector512.MaxNative(Vector512.Round(values * inverse), Vector512.Create<float>(-Zero)),
        Vector512.Create<float>(Largest - Zero));
}
