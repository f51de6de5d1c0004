using System.Globalization;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

/// <summary>What the system says this process has mapped; Linux only.</summary>
internal static class MappedRanges
{
    /// <summary>The address ranges over files whose path starts so.</summary>
    public static List<(nint Start, nint End)> Of(string path)
    {
        List<(nint Start, nint End)> ranges = [];
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            // A line is: address range, rights, offset, device, inode, path.
            int slash = line.IndexOf('/', StringComparison.Ordinal);
            if (slash >= 0 && line[slash..].StartsWith(path, StringComparison.Ordinal))
            {
                nint[] ends = [.. line.Split(' ')[0].Split('-').Select(
                    end => nint.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
                ranges.Add((ends[0], ends[1]));
            }
        }

        return ranges;
    }

    /// <summary>Whether there is one.</summary>
    public static bool Any(string path) => Of(path).Count > 0;

    /// <summary>Whether a tensor's first element lies over a file whose path starts so.</summary>
    public static bool Holds(string path, Tensor tensor)
    {
        nint place = TensorRows.Address(tensor);
        return Of(path).Exists(range => range.Start <= place && place < range.End);
    }
}
