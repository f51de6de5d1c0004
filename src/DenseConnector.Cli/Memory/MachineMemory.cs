using System.Globalization;

namespace DenseConnector.Cli.Memory;

/// <summary>How much memory there is, in bytes.</summary>
internal static class MachineMemory
{
    /// <summary>What this process may have at the most: the machine's, or less where a container limits it.</summary>
    public static long Total => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>
    /// What this process can have now, with the file pages that the system would give up; all of it where the system
    /// does not say it.
    /// </summary>
    public static long Available
    {
        get
        {
            const string Field = "MemAvailable:", Unit = " kB";
            string? line = OperatingSystem.IsLinux()
                ? File.ReadLines("/proc/meminfo").FirstOrDefault(
                    line => line.StartsWith(Field, StringComparison.Ordinal))
                : null;
            return line is null
                ? Total
                : Math.Min(Total, 1024 * long.Parse(line[Field.Length..^Unit.Length], CultureInfo.InvariantCulture));
        }
    }
}
