using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DenseConnector.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Benchmarking;

/// <summary>What this machine can do at most with the threads a model uses, measured.</summary>
/// <param name="ReadBandwidthGBs">Reading memory that no cache holds, 10^9 bytes a second.</param>
/// <param name="Bf16GemmGflops">
/// A bfloat16 product 2048x4096 by 4096x4096 in libtorch, 10^9 operations a second (a multiplication and an addition
/// are two).
/// </param>
internal sealed record MachineLimits(double ReadBandwidthGBs, double Bf16GemmGflops)
{
    /// <summary>Bytes that one thread reads in a row.</summary>
    public const int StripeBytes = 1 << 20;

    private const int Rounds = 15;
    private const int Stripes = 512;

    /// <summary>Measures both; the medians of some rounds.</summary>
    /// <param name="readBandwidth">10^9 bytes a second, where that has been measured already.</param>
    public static MachineLimits Measure(double? readBandwidth = null) =>
        new(readBandwidth ?? (ReadBandwidth() / 1e9), GemmSpeed() / 1e9);

    /// <summary>The median of the seconds an action takes, after some rounds to warm up.</summary>
    public static double Median(int rounds, Action action)
    {
        const int WarmUp = 2;
        List<double> seconds = [];
        for (int round = -WarmUp; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            if (round >= 0)
            {
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return Median(seconds);
    }

    /// <summary>The middle of some numbers.</summary>
    public static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>
    /// Reads stripes of memory, shared out among the threads in long runs: of the ways to read that were tried (several
    /// streams at a time, software prefetching, short pieces) none is faster.
    /// </summary>
    /// <param name="team">The threads.</param>
    /// <param name="stripes">Where the stripes begin.</param>
    public static unsafe void Read(WorkerTeam team, ReadOnlyMemory<nint> stripes)
    {
        ulong sink = 0;
        team.Run(stripes.Length, stripe => Interlocked.Add(
            ref sink, Fold(new ReadOnlySpan<byte>((byte*)stripes.Span[stripe], StripeBytes))));
        GC.KeepAlive(sink);
    }

    private static unsafe double ReadBandwidth()
    {
        using WorkerTeam team = new(get_num_threads());
        byte* buffer = (byte*)NativeMemory.AlignedAlloc((nuint)Stripes * StripeBytes, 64);
        try
        {
            nint[] stripes =
                [.. Enumerable.Range(0, Stripes).Select(stripe => (nint)buffer + ((nint)stripe * StripeBytes))];

            // Pages that were never written are all the same page of zeros, and reading them costs nothing.
            team.Run(Stripes, stripe => new Span<byte>((byte*)stripes[stripe], StripeBytes).Fill((byte)stripe));
            return (double)Stripes * StripeBytes / Median(Rounds, () => Read(team, stripes));
        }
        finally
        {
            NativeMemory.AlignedFree(buffer);
        }
    }

    private static ulong Fold(ReadOnlySpan<byte> data)
    {
        Vector512<ulong> a = Vector512<ulong>.Zero, b = a, c = a, d = a;
        ReadOnlySpan<Vector512<ulong>> lines = MemoryMarshal.Cast<byte, Vector512<ulong>>(data);
        for (int i = 0; i <= lines.Length - 4; i += 4)
        {
            a ^= lines[i];
            b ^= lines[i + 1];
            c ^= lines[i + 2];
            d ^= lines[i + 3];
        }

        return Vector512.Sum(a ^ b ^ c ^ d);
    }

    private static double GemmSpeed()
    {
        const long Rows = 2048, Side = 4096;
        using IDisposable mode = inference_mode();
        using DisposeScope scope = NewDisposeScope();
        Tensor input = rand([Rows, Side], ScalarType.BFloat16, CPU);
        Tensor weight = rand([Side, Side], ScalarType.BFloat16, CPU);
        double seconds = Median(Rounds, () => nn.functional.linear(input, weight).Dispose());
        return 2.0 * Rows * Side * Side / seconds;
    }
}
