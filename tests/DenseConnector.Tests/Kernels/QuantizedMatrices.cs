using DenseConnector.Kernels;

namespace DenseConnector.Tests.Kernels;

/// <summary>Rounds matrices for tests.</summary>
internal static unsafe class QuantizedMatrices
{
    public static Int8Matrix Int8(KernelMemory memory, float[] weights, int rows, int columns)
    {
        nint integers = memory.Take(weights.Length);
        nint scales = memory.Take(rows * sizeof(float));
        fixed (float* values = weights)
        {
            Int8Matrix.Quantize(values, rows, columns, (sbyte*)integers, (float*)scales);
        }

        return new Int8Matrix(integers, scales, rows, columns);
    }

    public static Int4Matrix Int4(KernelMemory memory, float[] weights, int rows, int columns)
    {
        nint integers = memory.Take(Int4Matrix.WeightBytes(rows, columns));
        nint scales = memory.Take(Int4Matrix.ScaleCount(rows, columns) * sizeof(ushort));
        fixed (float* values = weights)
        {
            for (int block = 0; block < Int4Matrix.Blocks(rows); block++)
            {
                int first = block * Int4Matrix.Block;
                Int4Matrix.Quantize(
                    values + ((long)first * columns),
                    Math.Min(Int4Matrix.Block, rows - first),
                    columns,
                    (byte*)integers + Int4Matrix.WeightBytes(first, columns),
                    (ushort*)scales + Int4Matrix.ScaleCount(first, columns));
            }
        }

        return new Int4Matrix(integers, scales, rows, columns);
    }
}
