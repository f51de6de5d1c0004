using System.Runtime.InteropServices;
using DenseConnector.Kernels;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>A matrix of 4-bit integers in groups of 32 with a scale each.</summary>
internal sealed unsafe class Int4Weight : LinearWeight
{
    private readonly Tensor _weights;
    private readonly Tensor _scales;
    private readonly ComputeContext _compute;
    private readonly Int4Matrix _matrix;

    /// <summary>Rounds a matrix <c>[output, input]</c> of the model's type.</summary>
    public Int4Weight(Tensor dense, ComputeContext compute)
        : base(nameof(Int4Weight))
    {
        (long rows, long columns) = (dense.shape[0], dense.shape[1]);
        _compute = compute;
        _weights = HugePages.Empty([Int4Matrix.WeightBytes(rows, columns)], ScalarType.Byte, CPU);
        _scales = HugePages.Empty([Int4Matrix.ScaleCount(rows, columns)], ScalarType.BFloat16, CPU);
        _matrix = new Int4Matrix(TensorRows.Address(_weights), TensorRows.Address(_scales), rows, columns);
        RowBlock source = TensorRows.Of(dense);
        long groups = Int4Matrix.Groups(columns);
        compute.Team!.Run((int)Int4Matrix.Blocks(rows), block =>
        {
            long first = (long)block * Int4Matrix.Block;
            int count = (int)Math.Min(Int4Matrix.Block, rows - first);
            float* values = (float*)NativeMemory.Alloc((nuint)(count * columns), sizeof(float));
            try
            {
                for (int row = 0; row < count; row++)
                {
                    source.Read((int)first + row, 0, values + (row * columns), columns);
                }

                byte* weights = (byte*)_matrix.Weights + Int4Matrix.WeightBytes(first, columns);
                ushort* scales = (ushort*)_matrix.Scales + (block * groups * Int4Matrix.Block);
                Int4Matrix.Quantize(values, count, columns, weights, scales);
            }
            finally
            {
                NativeMemory.Free(values);
            }
        });
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override IKernelMatrix Matrix => _matrix;

    /// <inheritdoc/>
    public override Tensor ToDense()
    {
        Tensor room = _compute.TakeRoom(_matrix.Rows, _matrix.Columns);
        RowBlock target = TensorRows.Of(room);
        int blocks = (int)Int4Matrix.Blocks(_matrix.Rows);
        _compute.Team!.Run(blocks, block => _matrix.Dequantize(LaneWidths.Best, block, target));
        return room;
    }
}
