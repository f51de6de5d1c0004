using BenchmarkDotNet.Attributes;
using DenseConnector.Kernels;

namespace DenseConnector.Benchmarks.Kernels;

/// <summary>Quantised weights back to bfloat16, as before a product over many rows.</summary>
public class DequantizeBenchmarks : IHasThroughput
{
    private const int RowsPerPiece = 16;

    private static readonly MatrixShape Shape = new(11008, 4096);

    private WorkerTeam _team = null!;
    private MatrixSet _matrices = null!;
    private RandomMemory _memory = null!;
    private RowBlock _target;

    [Params(WeightFormat.Int8, WeightFormat.Int4)]
    public WeightFormat Format { get; set; }

    public long Bytes => MatrixSet.CountBytes(Format, Shape) + (sizeof(ushort) * Shape.Rows * Shape.Columns);

    [GlobalSetup]
    public void SetUp()
    {
        _team = new WorkerTeam(Environment.ProcessorCount);
        _matrices = new MatrixSet(Format, Shape);
        _memory = new RandomMemory();
        _target = _memory.Rows((int)Shape.Rows, Shape.Columns);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _team.Dispose();
        _matrices.Dispose();
        _memory.Dispose();
    }

    [Benchmark]
    public void Dequantize()
    {
        IKernelMatrix matrix = _matrices.Next();
        _team.Run((int)(Shape.Rows / RowsPerPiece), piece =>
        {
            if (matrix is Int8Matrix int8)
            {
                int8.Dequantize(LaneWidths.Best, piece * RowsPerPiece, (piece + 1) * RowsPerPiece, _target);
            }
            else
            {
                ((Int4Matrix)matrix).Dequantize(LaneWidths.Best, piece, _target);
            }
        });
    }
}
