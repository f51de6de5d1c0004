using System.Runtime.InteropServices;

namespace DenseConnector.Loading;

/// <summary>What the shared libraries of the system that this Linux process uses offer to others.</summary>
internal static class LoadedLibrary
{
    private const string Maps = "/proc/self/maps";

    // The runtime's largest library is a tenth of this; libtorch, which is larger, is never asked for here.
    private const long MaxBytes = 64 << 20;

    /// <summary>The symbol versions a library offers, or <c>null</c> if they cannot be found out.</summary>
    /// <param name="soName">The name other libraries ask for, for example <c>libstdc++.so.6</c>.</param>
    /// <remarks>Loads the library if the process does not have it yet, as the loader would.</remarks>
    public static IReadOnlyList<string>? VersionsOf(string soName)
    {
        NativeLibrary.TryLoad(soName, out _);
        string[] mapped;
        try
        {
            mapped = [.. File.ReadLines(Maps).Select(PathOf).OfType<string>().Where(IsLibrary).Distinct()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // The file is usually named after the library (libstdc++.so.6.0.30); older systems have libc-2.31.so.
        return mapped.OrderByDescending(path => Path.GetFileName(path).StartsWith(soName, StringComparison.Ordinal))
            .Select(TryRead)
            .FirstOrDefault(image => image?.SoName == soName)?.VersionDefinitions;
    }

    /// <summary>The newest of the versions with this prefix, for example 3.4.30 for <c>GLIBCXX_</c>.</summary>
    public static Version? Newest(IEnumerable<string>? versions, string prefix) => versions?
        .Where(version => version.StartsWith(prefix, StringComparison.Ordinal))
        .Select(version => Version.TryParse(version.AsSpan(prefix.Length), out Version? number) ? number : null)
        .Max();

    // A line is: address range, rights, offset, device, inode, path.
    private static string? PathOf(string line)
    {
        int slash = line.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? null : line[slash..];
    }

    private static bool IsLibrary(string path) => Path.GetFileName(path).Contains(".so", StringComparison.Ordinal);

    private static ElfImage? TryRead(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes ? ElfImage.Read(path, File.ReadAllBytes(path)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }
}
