using System.Globalization;

namespace DenseConnector.Tests.Loading;

/// <summary>What Linux says of this process's memory, in bytes.</summary>
internal static class ProcessMemory
{
    /// <summary>What is resident for this process alone, files not counted.</summary>
    public static long Own => Status("RssAnon");

    /// <summary>The most that has been resident since <see cref="ResetPeak"/>.</summary>
    public static long Peak => Status("VmHWM");

    /// <summary>Makes the kernel forget the peak so far; gives what is resident now.</summary>
    public static long ResetPeak()
    {
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Status("VmRSS");
    }

    private static long Status(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(
            line => line.StartsWith(field + ':', StringComparison.Ordinal));
        string kibibytes = line[(field.Length + 1)..^" kB".Length].Trim();
        return 1024 * long.Parse(kibibytes, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
