using DenseConnector.Kernels;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>A matrix of 8-bit integers with a scale for each row.</summary>
internal sealed unsafe class Int8Weight : LinearWeight
{
    private const int RowsPerPiece = 16;

    private readonly Tensor _weights;
    private readonly Tensor _scales;
    private readonly ComputeContext _compute;
    private readonly Int8Matrix _matrix;

    /// <summary>Rounds a matrix <c>[output, input]</c> of the model's type.</summary>
    public Int8Weight(Tensor dense, ComputeContext compute)
        : base(nameof(Int8Weight))
    {
        (long rows, long columns) = (dense.shape[0], dense.shape[1]);
        _compute = compute;
        _weights = HugePages.Empty([rows, columns], ScalarType.Int8, CPU);
        _scales = empty([rows], ScalarType.Float32, CPU);
        _matrix = new Int8Matrix(TensorRows.Address(_weights), TensorRows.Address(_scales), rows, columns);
        RowBlock source = TensorRows.Of(dense);
        compute.Team!.Run((int)((rows + RowsPerPiece - 1) / RowsPerPiece), piece =>
        {
            float[] values = new float[columns];
            fixed (float* row = values)
            {
                for (long i = piece * RowsPerPiece; i < Math.Min(rows, (piece + 1) * RowsPerPiece); i++)
                {
                    source.Read((int)i, 0, row, columns);
                    sbyte* weights = (sbyte*)_matrix.Weights + (i * columns);
                    Int8Matrix.Quantize(row, 1, columns, weights, (float*)_matrix.Scales + i);
                }
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
        _compute.Team!.Run((int)((_matrix.Rows + RowsPerPiece - 1) / RowsPerPiece), piece =>
        {
            long first = piece * RowsPerPiece;
            _matrix.Dequantize(LaneWidths.Best, first, Math.Min(_matrix.Rows, first + RowsPerPiece), target);
        });
        return room;
    }
}
