using static System.FormattableString;

namespace DenseConnector.Cli;

/// <summary>How sizes are written for people.</summary>
internal static class ByteSize
{
    /// <summary>A number of bytes in the largest unit it has one of.</summary>
    public static string Of(long bytes) => bytes switch
    {
        >= 1L << 30 => Invariant($"{bytes / (double)(1 << 30):F2} GiB"),
        >= 1L << 20 => Invariant($"{bytes / (double)(1 << 20):F2} MiB"),
        _ => Invariant($"{bytes:N0} bytes"),
    };
}
