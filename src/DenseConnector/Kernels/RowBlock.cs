namespace DenseConnector.Kernels;

/// <summary>A few rows of numbers in memory, one after the other, float32 or bfloat16.</summary>
/// <param name="Data">The first number; who holds the memory keeps it in place.</param>
/// <param name="IsBFloat16">Whether the numbers are bfloat16; else float32.</param>
/// <param name="Count">Rows.</param>
/// <param name="Width">Numbers of a row.</param>
internal readonly unsafe record struct RowBlock(nint Data, bool IsBFloat16, int Count, long Width)
{
    /// <summary>Bytes of a number.</summary>
    public int NumberBytes => IsBFloat16 ? sizeof(ushort) : sizeof(float);

    /// <summary>Some of the rows.</summary>
    public RowBlock Rows(int first, int count) =>
        this with { Data = Data + (nint)(first * Width * NumberBytes), Count = count };

    /// <summary>Reads a part of a row.</summary>
    public void Read(int row, long start, float* destination, long count)
    {
        long first = (row * Width) + start;
        if (IsBFloat16)
        {
            BFloat16.Widen((ushort*)Data + first, destination, count);
        }
        else
        {
            Buffer.MemoryCopy((float*)Data + first, destination, count * sizeof(float), count * sizeof(float));
        }
    }

    /// <summary>Writes a part of a row.</summary>
    public void Write(int row, long start, float* source, long count)
    {
        long first = (row * Width) + start;
        if (IsBFloat16)
        {
            BFloat16.Narrow(source, (ushort*)Data + first, count);
        }
        else
        {
            Buffer.MemoryCopy(source, (float*)Data + first, count * sizeof(float), count * sizeof(float));
        }
    }
}
