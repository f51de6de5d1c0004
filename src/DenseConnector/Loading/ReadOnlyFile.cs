using Microsoft.Win32.SafeHandles;

namespace DenseConnector.Loading;

/// <summary>One file of a checkpoint, open for reading at any position; its errors are checkpoint errors.</summary>
/// <remarks>
/// Thread-safe: a read states its position, so reads of several threads do not disturb each other. Whoever opens it
/// disposes it.
/// </remarks>
internal sealed class ReadOnlyFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private ReadOnlyFile(string path, SafeFileHandle handle, long length)
    {
        Path = path;
        _handle = handle;
        Length = length;
    }

    /// <summary>The path, as it was given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <summary>The file's length when it was opened, in bytes.</summary>
    public long Length { get; }

    /// <summary>Opens a file; on a failure nothing stays open.</summary>
    /// <exception cref="CheckpointException">The file is absent, may not be read, or has no length.</exception>
    public static ReadOnlyFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            ReadOnlyFile file = new(path, handle, RandomAccess.GetLength(handle));
            handle = null;
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CheckpointException(path, $"cannot be opened ({e.Message})", e);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Fills a span with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="CheckpointException">The file has become shorter, or the device failed.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public void Read(Span<byte> destination, long offset)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        while (!destination.IsEmpty)
        {
            int count = ReadSome(destination, offset);
            if (count == 0)
            {
                throw new CheckpointException(
                    Path,
                    $"ends at byte {offset}, expected {destination.Length} more; it had {Length} bytes when it was " +
                    "opened. Load the model again when nothing writes to its folder.")
                {
                    Expected = $"{Length} bytes",
                    Found = $"{offset} bytes",
                };
            }

            destination = destination[count..];
            offset += count;
        }
    }

    /// <summary>Maps the whole file; <c>null</c> if the system does not, or the file has changed its length.</summary>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public MappedFile? TryMap()
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        return MappedFile.TryOpen(_handle, Length);
    }

    /// <summary>Closes the file; a read under way on another thread ends first or fails as disposed.</summary>
    public void Dispose() => _handle.Dispose();

    private int ReadSome(Span<byte> destination, long offset)
    {
        try
        {
            return RandomAccess.Read(_handle, destination, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CheckpointException(Path, $"cannot be read at byte {offset} ({e.Message})", e);
        }
    }
}
