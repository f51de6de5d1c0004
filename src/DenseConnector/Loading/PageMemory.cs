using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DenseConnector.Loading;

/// <summary>
/// Whole pages taken from Linux and given back to it as soon as they are freed; huge pages where it has them.
/// </summary>
/// <remarks>
/// The C library's heap keeps what is freed in it, and a gap there rarely fits the next large block: caches and weights
/// that come and go would leave as much again behind. Thread-safe.
/// </remarks>
internal sealed partial class PageMemory : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int ReadAndWrite = 1 | 2; // PROT_READ | PROT_WRITE
    private const int PrivateAndNew = 2 | 0x20; // MAP_PRIVATE | MAP_ANONYMOUS
    private const int AdviseHugePages = 14; // MADV_HUGEPAGE

    private readonly nint _length;

    private PageMemory(nint start, nint length)
        : base(ownsHandle: true)
    {
        SetHandle(start);
        _length = length;
    }

    /// <summary>The first byte, at the start of a huge page.</summary>
    public nint Address => Align(handle);

    /// <summary>Bytes of a huge page.</summary>
    public const int HugePage = 2 << 20;

    /// <summary>Takes memory, which is filled with zeros; <c>null</c> if the system gives none.</summary>
    public static PageMemory? TryTake(long bytes)
    {
        // A huge page more, so that one starts inside; what lies before it is never touched and takes no memory.
        nint length = checked((nint)bytes + HugePage);
        PageMemory memory = new(Map(0, length, ReadAndWrite, PrivateAndNew, file: -1, offset: 0), length);
        if (memory.IsInvalid)
        {
            memory.Dispose();
            return null;
        }

        // Whole ones only: the end of the memory takes no more than it has. A wish: ordinary pages do as well.
        _ = Advise(memory.Address, (nint)bytes & -HugePage, AdviseHugePages);
        return memory;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Unmap(handle, _length) == 0;

    private static nint Align(nint address) => (address + HugePage - 1) & -HugePage;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint wanted, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint start, nint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nint length, int advice);
}
