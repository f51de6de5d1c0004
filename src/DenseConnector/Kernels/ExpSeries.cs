using System.Runtime.CompilerServices;

namespace DenseConnector.Kernels;

/// <summary>Powers of e in float32 alone: .NET's vectors widen to float64, which takes three times as long.</summary>
internal static class ExpSeries
{
    /// <summary>The smallest exponent whose power is a normal number.</summary>
    public const float Least = -87.33654f;

    // Added to a number it leaves the nearest integer in the lowest bits.
    private const float Shift = 12582912;

    private const float Log2E = 1.44269504f;

    // ln 2 in two parts: the first times any exponent of float32 is exact.
    private const float Ln2High = 0.693145752f;
    private const float Ln2Low = 1.42860677e-6f;

    /// <summary>
    /// e^x = 2^n · e^r with |r| ≤ ln 2 / 2: e^r to within two units of its last place, and n in the lowest bits of the
    /// second number.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (T Power, T Shifted) Reduce<TLanes, T>(T values)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        T shifted = TLanes.MultiplyAdd(values, TLanes.Fill(Log2E), TLanes.Fill(Shift));
        T count = TLanes.Add(shifted, TLanes.Fill(-Shift));
        T rest = TLanes.MultiplyAdd(count, TLanes.Fill(-Ln2High), values);
        rest = TLanes.MultiplyAdd(count, TLanes.Fill(-Ln2Low), rest);

        // 1 + r + r² · p(r), where p meets the function at the Chebyshev nodes of the interval: within 1.1e-8.
        T sum = TLanes.MultiplyAdd(TLanes.Fill(0.0013926176f), rest, TLanes.Fill(0.008363173f));
        sum = TLanes.MultiplyAdd(sum, rest, TLanes.Fill(0.041666555f));
        sum = TLanes.MultiplyAdd(sum, rest, TLanes.Fill(0.16666577f));
        sum = TLanes.MultiplyAdd(sum, rest, TLanes.Fill(0.5f));
        sum = TLanes.MultiplyAdd(sum, rest, TLanes.Fill(1));
        return (TLanes.MultiplyAdd(sum, rest, TLanes.Fill(1)), shifted);
    }
}
