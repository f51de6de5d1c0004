using System.Runtime.InteropServices;
using DenseConnector.Kernels;

namespace DenseConnector.Tests.Kernels;

/// <summary>Memory for kernels that ends at a cache line's end, filled from arrays and read back.</summary>
internal sealed unsafe class KernelMemory : IDisposable
{
    private readonly List<nint> _blocks = [];

    public nint Of(float[] values)
    {
        nint block = Take(values.Length * sizeof(float));
        values.CopyTo(new Span<float>((void*)block, values.Length));
        return block;
    }

    public nint OfBFloat16(float[] values)
    {
        nint block = Take(values.Length * sizeof(ushort));
        for (int i = 0; i < values.Length; i++)
        {
            ((ushort*)block)[i] = BFloat16.FromSingle(values[i]);
        }

        return block;
    }

    public nint Take(long bytes)
    {
        nint block = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), 64);
        _blocks.Add(block);
        return block;
    }

    public static float[] Read(nint block, long count) => new Span<float>((void*)block, (int)count).ToArray();

    public static float[] ReadBFloat16(nint block, long count)
    {
        float[] values = new float[count];
        fixed (float* first = values)
        {
            BFloat16.Widen((ushort*)block, first, count);
        }

        return values;
    }

    /// <summary>Numbers as activations are: mostly small, a few large.</summary>
    public static float[] Random(int seed, long count)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++)
        {
            float size = random.Next(50) == 0 ? 8 : 1;
            values[i] = size * ((2 * random.NextSingle()) - 1);
        }

        return values;
    }

    public void Dispose() => _blocks.ForEach(block => NativeMemory.AlignedFree((void*)block));
}
