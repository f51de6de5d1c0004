using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>A weight file as read-only memory, to make tensors over it that copy nothing.</summary>
/// <remarks>
/// The memory stays as long as this object or one of the tensors does: whoever opened the file may dispose it as soon
/// as it has its tensors. A write through a tensor would end the process. Thread-safe.
/// </remarks>
internal sealed class MappedFile : IDisposable
{
    private readonly SafeMemoryMappedViewHandle _view;
    private readonly nint _start;
    private readonly long _length;

    private MappedFile(SafeMemoryMappedViewHandle view, long length)
    {
        _view = view;
        _start = view.DangerousGetHandle();
        _length = length;
    }

    /// <summary>Maps an open file; the file may be closed afterwards.</summary>
    /// <param name="file">The file.</param>
    /// <param name="length">The length it had when its table was checked, in bytes.</param>
    /// <returns><c>null</c> if the system does not map it, or it has another length by now.</returns>
    public static MappedFile? TryOpen(SafeFileHandle file, long length)
    {
        try
        {
            if (RandomAccess.GetLength(file) != length)
            {
                return null;
            }

            using MemoryMappedFile map = MemoryMappedFile.CreateFromFile(
                file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            SafeMemoryMappedViewHandle view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read)
                .SafeMemoryMappedViewHandle;
            return new MappedFile(view, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException or OutOfMemoryException)
        {
            // An empty or special file, a file system that cannot, or a limit on the address space.
            return null;
        }
    }

    /// <summary>
    /// Whether a file lies on a disk of this machine, as far as the system tells. A network's may vanish under a
    /// mapping.
    /// </summary>
    public static bool IsLocal(string path)
    {
        try
        {
            // Windows asks for the drive, other systems for any path on the file system.
            string full = Path.GetFullPath(path);
            string place = OperatingSystem.IsWindows() ? Path.GetPathRoot(full)! : full;
            return new DriveInfo(place).DriveType is not (DriveType.Network or DriveType.NoRootDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A share of Windows (\\server\share) is no drive.
            return false;
        }
    }

    /// <summary>Whether the bytes of an entry may be a tensor's: there are some, aligned to its elements.</summary>
    public static bool CanHold(TensorEntry entry) =>
        entry.ByteLength > 0 && entry.Offset % (entry.Type.Bits() / 8) == 0;

    /// <summary>
    /// Makes a tensor over the bytes of an entry: on the CPU, of the entry's shape, not to be written.
    /// </summary>
    /// <param name="entry">The entry; its bytes must lie within the file.</param>
    /// <param name="type">The type the entry is stored in.</param>
    /// <returns>
    /// <c>null</c> if its bytes are not aligned to its elements, it has none, or TorchSharp does not make the tensor.
    /// </returns>
    /// <exception cref="ArgumentException">The bytes do not lie within the file.</exception>
    /// <exception cref="ObjectDisposedException">The mapping is disposed.</exception>
    public Tensor? TryMakeTensor(TensorEntry entry, ScalarType type)
    {
        if (entry.Offset < 0 || entry.ByteLength < 0 || entry.Offset > _length - entry.ByteLength)
        {
            throw new ArgumentException(
                $"Tensor {QuotedName.Of(entry.Name)} takes {entry.ByteLength} bytes from byte {entry.Offset} on, the " +
                $"mapped file has {_length}.",
                nameof(entry));
        }

        return CanHold(entry)
            ? BorrowedMemory.TryMakeTensor(_view, _start + (nint)entry.Offset, [.. entry.Shape], type)
            : null;
    }

    /// <summary>Gives the memory back once no tensor lies over it any more.</summary>
    public void Dispose() => _view.Dispose();
}
