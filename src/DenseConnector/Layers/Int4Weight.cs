using System.Runtime.InteropServices;
using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>
/// A matrix of 4-bit integers in groups of 32 with a scale each: <c>weight_int4</c>, U8 <c>[rows/16, columns/8, 16,
/// 4]</c>, and <c>weight_scale</c>, BF16 <c>[rows/16, columns/32, 16]</c>, of a quantised checkpoint, laid out as
/// <see cref="Int4Matrix"/> says, or rounded from a matrix in the model's type.
/// </summary>
internal sealed unsafe class Int4Weight : LinearWeight
{
    /// <summary>What the integers are called: the weights' name and this.</summary>
    public const string Suffix = "_int4";

    private readonly Tensor _weights;
    private readonly Tensor _scales;
    private readonly ComputeContext _compute;
    private readonly Int4Matrix? _matrix;

    private Int4Weight(Tensor weights, Tensor scales, long rows, long columns, ComputeContext compute)
        : base(nameof(Int4Weight))
    {
        _weights = weights;
        _scales = scales;
        _compute = compute;
        Count = rows * columns;
        _matrix = weights.device_type == DeviceType.CPU
            ? new Int4Matrix(TensorRows.Address(weights), TensorRows.Address(scales), rows, columns)
            : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override long Count { get; }

    /// <inheritdoc/>
    public override IKernelMatrix? Matrix => _matrix;

    /// <summary>Bytes of a matrix's integers and scales.</summary>
    public static long CountBytes(long rows, long columns) =>
        Int4Matrix.WeightBytes(rows, columns) + (sizeof(ushort) * Int4Matrix.ScaleCount(rows, columns));

    /// <summary>Reads a matrix that is stored rounded.</summary>
    public static Int4Weight Read(WeightScope weights, string name, long rows, long columns) => new(
        weights.Buffer(name + Suffix, ScalarType.Byte, WeightShape(rows, columns)),
        weights.Buffer(name + Int8Weight.ScaleSuffix, ScalarType.BFloat16, ScaleShape(rows, columns)),
        rows,
        columns,
        weights.Compute);

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> Stored(string name) =>
        [(name + Suffix, _weights), (name + Int8Weight.ScaleSuffix, _scales)];

    /// <summary>Rounds a matrix <c>[output, input]</c> of the model's type.</summary>
    public static Int4Weight Round(Tensor dense, ComputeContext compute)
    {
        (long rows, long columns) = (dense.shape[0], dense.shape[1]);
        Int4Weight weight = new(
            HugePages.Empty(WeightShape(rows, columns), ScalarType.Byte, CPU),
            HugePages.Empty(ScaleShape(rows, columns), ScalarType.BFloat16, CPU),
            rows,
            columns,
            compute);
        Int4Matrix matrix = weight._matrix!;
        RowBlock source = TensorRows.Of(dense);
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

                byte* weights = (byte*)matrix.Weights + Int4Matrix.WeightBytes(first, columns);
                ushort* scales = (ushort*)matrix.Scales + Int4Matrix.ScaleCount(first, columns);
                Int4Matrix.Quantize(values, count, columns, weights, scales);
            }
            finally
            {
                NativeMemory.Free(values);
            }
        });
        return weight;
    }

    /// <inheritdoc/>
    public override Tensor ToDense()
    {
        Int4Matrix matrix = _matrix!;
        Tensor room = _compute.TakeRoom(_compute.Type, matrix.Rows, matrix.Columns);
        RowBlock target = TensorRows.Of(room);
        int blocks = (int)Int4Matrix.Blocks(matrix.Rows);
        _compute.Team!.Run(blocks, block => matrix.Dequantize(LaneWidths.Best, block, target));
        return room;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Rounding to one scale for a row costs 1 % of the weights' size (normally distributed ones), beside the 8 % that
    /// 4 bits cost.
    /// </remarks>
    public override IntegerMatrix? ToIntegers()
    {
        Int4Matrix matrix = _matrix!;
        Tensor integers = _compute.TakeRoom(ScalarType.Int8, matrix.Rows, matrix.Columns);
        Tensor scales = empty([matrix.Rows], ScalarType.Float32, CPU);
        sbyte* target = (sbyte*)TensorRows.Address(integers);
        float* scale = (float*)TensorRows.Address(scales);
        int blocks = (int)Int4Matrix.Blocks(matrix.Rows);
        _compute.Team!.Run(blocks, block => matrix.ToIntegers(LaneWidths.Best, block, target, scale));
        return new IntegerMatrix(integers, scales);
    }

    private static long[] WeightShape(long rows, long columns) =>
        [Int4Matrix.Blocks(rows), 4 * Int4Matrix.Groups(columns), Int4Matrix.Block, 4];

    private static long[] ScaleShape(long rows, long columns) =>
        [Int4Matrix.Blocks(rows), Int4Matrix.Groups(columns), Int4Matrix.Block];
}
