using System.Runtime.CompilerServices;

namespace DenseConnector.Kernels;

/// <summary>The innermost product of two matrices in float32: a tile of sums that stays in registers.</summary>
/// <remarks>
/// Every sum is added up in the order of the depth, whatever the width: all widths give the same bits.
/// </remarks>
internal static unsafe class TileProduct
{
    /// <summary>
    /// Rows of a tile. Twelve sums, two registers of the right side and one number of the left fill the sixteen
    /// registers of AVX2, and are enough to keep the multipliers of AVX-512 busy.
    /// </summary>
    public const int Rows = 6;

    /// <summary><c>left [6, depth] · right [depth, 2 registers]</c>, added to sums or in place of them.</summary>
    /// <param name="left">The left side; its rows and its columns lie as far apart as its steps tell.</param>
    /// <param name="rowStep">Numbers from one row of the left side to the next.</param>
    /// <param name="depthStep">Numbers from one column of the left side to the next.</param>
    /// <param name="right">The right side, rows of <paramref name="rightStep"/> numbers.</param>
    /// <param name="rightStep">Numbers from one row of the right side to the next.</param>
    /// <param name="depth">Products of a sum.</param>
    /// <param name="sums">Six rows of two registers.</param>
    /// <param name="sumStep">Numbers from one row of sums to the next.</param>
    /// <param name="adds">Whether what is in <paramref name="sums"/> counts.</param>
    public static void Pair<TLanes, T>(
        float* left, nint rowStep, nint depthStep, float* right, nint rightStep, int depth,
        float* sums, nint sumStep, bool adds)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        T a = TLanes.Zero, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        float* lower = left + (3 * rowStep);
        for (; depth > 0; depth--)
        {
            T first = TLanes.Load(right), second = TLanes.Load(right + TLanes.Count);
            T factor = TLanes.Fill(left[0]);
            a = TLanes.MultiplyAdd(factor, first, a);
            b = TLanes.MultiplyAdd(factor, second, b);
            factor = TLanes.Fill(left[rowStep]);
            c = TLanes.MultiplyAdd(factor, first, c);
            d = TLanes.MultiplyAdd(factor, second, d);
            factor = TLanes.Fill(left[2 * rowStep]);
            e = TLanes.MultiplyAdd(factor, first, e);
            f = TLanes.MultiplyAdd(factor, second, f);
            factor = TLanes.Fill(lower[0]);
            g = TLanes.MultiplyAdd(factor, first, g);
            h = TLanes.MultiplyAdd(factor, second, h);
            factor = TLanes.Fill(lower[rowStep]);
            i = TLanes.MultiplyAdd(factor, first, i);
            j = TLanes.MultiplyAdd(factor, second, j);
            factor = TLanes.Fill(lower[2 * rowStep]);
            k = TLanes.MultiplyAdd(factor, first, k);
            l = TLanes.MultiplyAdd(factor, second, l);
            left += depthStep;
            lower += depthStep;
            right += rightStep;
        }

        Put<TLanes, T>(a, b, sums, adds);
        Put<TLanes, T>(c, d, sums + sumStep, adds);
        Put<TLanes, T>(e, f, sums + (2 * sumStep), adds);
        Put<TLanes, T>(g, h, sums + (3 * sumStep), adds);
        Put<TLanes, T>(i, j, sums + (4 * sumStep), adds);
        Put<TLanes, T>(k, l, sums + (5 * sumStep), adds);
    }

    /// <summary>The same for a right side of one register, such as is left over.</summary>
    public static void Single<TLanes, T>(
        float* left, nint rowStep, nint depthStep, float* right, nint rightStep, int depth,
        float* sums, nint sumStep, bool adds)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        T a = TLanes.Zero, b = a, c = a, d = a, e = a, f = a;
        float* lower = left + (3 * rowStep);
        for (; depth > 0; depth--)
        {
            T only = TLanes.Load(right);
            a = TLanes.MultiplyAdd(TLanes.Fill(left[0]), only, a);
            b = TLanes.MultiplyAdd(TLanes.Fill(left[rowStep]), only, b);
            c = TLanes.MultiplyAdd(TLanes.Fill(left[2 * rowStep]), only, c);
            d = TLanes.MultiplyAdd(TLanes.Fill(lower[0]), only, d);
            e = TLanes.MultiplyAdd(TLanes.Fill(lower[rowStep]), only, e);
            f = TLanes.MultiplyAdd(TLanes.Fill(lower[2 * rowStep]), only, f);
            left += depthStep;
            lower += depthStep;
            right += rightStep;
        }

        Put<TLanes, T>(a, sums, adds);
        Put<TLanes, T>(b, sums + sumStep, adds);
        Put<TLanes, T>(c, sums + (2 * sumStep), adds);
        Put<TLanes, T>(d, sums + (3 * sumStep), adds);
        Put<TLanes, T>(e, sums + (4 * sumStep), adds);
        Put<TLanes, T>(f, sums + (5 * sumStep), adds);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes, T>(T first, T second, float* sums, bool adds)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        Put<TLanes, T>(first, sums, adds);
        Put<TLanes, T>(second, sums + TLanes.Count, adds);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes, T>(T value, float* sums, bool adds)
        where TLanes : struct, IFloatLanes<T>
        where T : struct =>
        TLanes.Store(adds ? TLanes.Add(TLanes.Load(sums), value) : value, sums);
}
