using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>
/// A matrix of 8-bit integers with a scale for each row: <c>weight</c>, I8 <c>[rows, columns]</c>, and
/// <c>weight_scale</c>, F32 <c>[rows]</c>, of a quantised checkpoint, or rounded from a matrix in the model's type.
/// </summary>
internal sealed unsafe class Int8Weight : LinearWeight
{
    /// <summary>What the scales are called beside the weights.</summary>
    public const string ScaleSuffix = "_scale";

    private const int RowsPerPiece = 16;

    private readonly Tensor _weights;
    private readonly Tensor _scales;
    private readonly ComputeContext _compute;
    private readonly Int8Matrix? _matrix;

    private Int8Weight(Tensor weights, Tensor scales, ComputeContext compute)
        : base(nameof(Int8Weight))
    {
        _weights = weights;
        _scales = scales;
        _compute = compute;
        (long rows, long columns) = (weights.shape[0], weights.shape[1]);
        Count = rows * columns;
        _matrix = weights.device_type == DeviceType.CPU
            ? new Int8Matrix(TensorRows.Address(weights), TensorRows.Address(scales), rows, columns)
            : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override long Count { get; }

    /// <inheritdoc/>
    public override IKernelMatrix? Matrix => _matrix;

    /// <summary>Bytes of a matrix's integers and scales.</summary>
    public static long CountBytes(long rows, long columns) => rows * (columns + sizeof(float));

    /// <summary>Reads a matrix that is stored rounded.</summary>
    public static Int8Weight Read(WeightScope weights, string name, long rows, long columns) => new(
        weights.Buffer(name, ScalarType.Int8, rows, columns),
        weights.Buffer(name + ScaleSuffix, ScalarType.Float32, rows),
        weights.Compute);

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> Stored(string name) =>
        [(name, _weights), (name + ScaleSuffix, _scales)];

    /// <summary>Rounds a matrix <c>[output, input]</c> of the model's type.</summary>
    public static Int8Weight Round(Tensor dense, ComputeContext compute)
    {
        (long rows, long columns) = (dense.shape[0], dense.shape[1]);
        Int8Weight weight = new(
            HugePages.Empty([rows, columns], ScalarType.Int8, CPU), empty([rows], ScalarType.Float32, CPU), compute);
        Int8Matrix matrix = weight._matrix!;
        RowBlock source = TensorRows.Of(dense);
        compute.Team!.Run(Pieces(rows), piece =>
        {
            float[] values = new float[columns];
            fixed (float* row = values)
            {
                for (long i = piece * RowsPerPiece; i < Math.Min(rows, (piece + 1) * RowsPerPiece); i++)
                {
                    source.Read((int)i, 0, row, columns);
                    sbyte* weights = (sbyte*)matrix.Weights + (i * columns);
                    Int8Matrix.Quantize(row, 1, columns, weights, (float*)matrix.Scales + i);
                }
            }
        });
        return weight;
    }

    /// <inheritdoc/>
    public override Tensor ToDense()
    {
        Int8Matrix matrix = _matrix!;
        Tensor room = _compute.TakeRoom(_compute.Type, matrix.Rows, matrix.Columns);
        RowBlock target = TensorRows.Of(room);
        _compute.Team!.Run(Pieces(matrix.Rows), piece =>
        {
            long first = piece * RowsPerPiece;
            matrix.Dequantize(LaneWidths.Best, first, Math.Min(matrix.Rows, first + RowsPerPiece), target);
        });
        return room;
    }

    /// <inheritdoc/>
    public override IntegerMatrix? ToIntegers() => new(_weights, _scales);

    private static int Pieces(long rows) => (int)((rows + RowsPerPiece - 1) / RowsPerPiece);
}
