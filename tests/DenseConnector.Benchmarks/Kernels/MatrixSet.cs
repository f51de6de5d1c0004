using DenseConnector.Kernels;

namespace DenseConnector.Benchmarks.Kernels;

/// <summary>Matrices of one format and shape, together more than any cache holds, used in turn.</summary>
internal sealed class MatrixSet : IDisposable
{
    private const long LeastBytes = 400 << 20;

    private readonly RandomMemory _memory = new();
    private readonly IKernelMatrix[] _matrices;
    private int _next;

    public MatrixSet(WeightFormat format, MatrixShape shape)
    {
        (long weights, long scales) = format switch
        {
            WeightFormat.BFloat16 => (sizeof(ushort) * shape.Rows * shape.Columns, 0),
            WeightFormat.Int8 => (shape.Rows * shape.Columns, sizeof(float) * shape.Rows),
            _ => (Int4Matrix.WeightBytes(shape.Rows, shape.Columns),
                sizeof(ushort) * Int4Matrix.ScaleCount(shape.Rows, shape.Columns)),
        };
        _matrices = new IKernelMatrix[1 + (LeastBytes / (weights + scales))];
        for (int i = 0; i < _matrices.Length; i++)
        {
            _matrices[i] = Make(format, shape, _memory.Take(weights), _memory.Take(scales));
        }
    }

    /// <summary>Bytes that a product with one matrix reads.</summary>
    public static long CountBytes(WeightFormat format, MatrixShape shape) =>
        shape.Rows * Make(format, shape, 0, 0).BytesPerRow;

    public IKernelMatrix Next() => _matrices[_next++ % _matrices.Length];

    public void Dispose() => _memory.Dispose();

    private static IKernelMatrix Make(WeightFormat format, MatrixShape shape, nint weights, nint scales) =>
        format switch
        {
            WeightFormat.BFloat16 => new BFloat16Matrix(weights, shape.Rows, shape.Columns),
            WeightFormat.Int8 => new Int8Matrix(weights, scales, shape.Rows, shape.Columns),
            _ => new Int4Matrix(weights, scales, shape.Rows, shape.Columns),
        };
}
