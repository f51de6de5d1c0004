using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseConnector.Kernels;

/// <summary>How many values a kernel computes on at once.</summary>
internal enum LaneWidth
{
    /// <summary>One: any processor.</summary>
    One,

    /// <summary>Eight: AVX2 with FMA, or NEON.</summary>
    Eight,

    /// <summary>Sixteen: AVX-512 (F and BW).</summary>
    Sixteen,
}

/// <summary>Which widths this processor has.</summary>
internal static class LaneWidths
{
    /// <summary>The widths that run here, the best last.</summary>
    public static IReadOnlyList<LaneWidth> Supported { get; } =
    [
        LaneWidth.One,
        .. HasEight ? [LaneWidth.Eight] : Array.Empty<LaneWidth>(),
        .. Avx512F.IsSupported && Avx512BW.IsSupported ? [LaneWidth.Sixteen] : Array.Empty<LaneWidth>(),
    ];

    /// <summary>The widest.</summary>
    public static LaneWidth Best => Supported[^1];

    private static bool HasEight => Vector256.IsHardwareAccelerated || Vector128.IsHardwareAccelerated;
}
