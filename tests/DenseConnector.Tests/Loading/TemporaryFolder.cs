namespace DenseConnector.Tests.Loading;

/// <summary>An empty folder of its own for one test, deleted with all it holds at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("denseconnector-").FullName;

    /// <summary>Writes a file and gives its path back.</summary>
    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        string path = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Whether this process holds one of the folder's files open.</summary>
    public bool HasOpenFiles()
    {
        if (Directory.Exists("/proc/self/fd"))
        {
            return Directory.EnumerateFileSystemEntries("/proc/self/fd").Any(
                link => new FileInfo(link).LinkTarget?.StartsWith(Path + '/', StringComparison.Ordinal) == true);
        }

        return Directory.EnumerateFiles(Path).Any(IsLocked);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static bool IsLocked(string path)
    {
        try
        {
            using FileStream alone = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
