using DenseConnector.Kernels;
using DenseConnector.Tests.Kernels;

namespace DenseConnector.Benchmarks.Kernels;

/// <summary>Native memory full of random numbers.</summary>
internal sealed unsafe class RandomMemory : IDisposable
{
    private const int Pattern = 1 << 20;

    private readonly KernelMemory _memory = new();
    private readonly nint _pattern;

    public RandomMemory() =>
        _pattern = _memory.OfBFloat16(KernelMemory.Random(1, Pattern / sizeof(ushort)));

    /// <summary>
    /// So many bytes of bfloat16 numbers; they are numbers of moderate size too when they are read as float32 or as
    /// integers.
    /// </summary>
    public nint Take(long bytes)
    {
        nint block = _memory.Take(bytes);
        for (long start = 0; start < bytes; start += Pattern)
        {
            long count = Math.Min(Pattern, bytes - start);
            Buffer.MemoryCopy((void*)_pattern, (byte*)block + start, count, count);
        }

        return block;
    }

    /// <summary>Rows of bfloat16 numbers.</summary>
    public RowBlock Rows(int count, long width) => new(Take(count * width * sizeof(ushort)), true, count, width);

    public void Dispose() => _memory.Dispose();
}
