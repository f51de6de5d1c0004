using System.Runtime.InteropServices;

namespace DenseConnector.Kernels;

/// <summary>Memory for what kernels prepare before a product; kept from one to the next.</summary>
/// <remarks>Used by one thread at a time. Disposing frees it.</remarks>
internal sealed unsafe class ScratchMemory : IDisposable
{
    private const int Alignment = 64;

    private void* _memory;
    private long _bytes;

    /// <summary>Room for so many bytes, aligned to a cache line; what was there before is lost.</summary>
    public byte* Take(long bytes)
    {
        if (bytes > _bytes)
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
            _bytes = 0;
            _memory = NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
            _bytes = bytes;
        }

        return (byte*)_memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _bytes = 0;
    }
}
