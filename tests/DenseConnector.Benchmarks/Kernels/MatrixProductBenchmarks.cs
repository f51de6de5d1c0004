using BenchmarkDotNet.Attributes;
using DenseConnector.Kernels;

namespace DenseConnector.Benchmarks.Kernels;

/// <summary>Products of a few inputs with weights that come from memory, as in decoding.</summary>
public class MatrixProductBenchmarks : IHasThroughput
{
    private WorkerTeam _team = null!;
    private MatrixSet _matrices = null!;
    private RandomMemory _memory = null!;
    private RowBlock _inputs;
    private RowBlock _outputs;

    [ParamsAllValues]
    public WeightFormat Format { get; set; }

    [ParamsSource(nameof(Shapes))]
    public MatrixShape Shape { get; set; } = null!;

    [Params(1, 4, 8)]
    public int Inputs { get; set; }

    public static IEnumerable<MatrixShape> Shapes => MatrixShape.All;

    public long Bytes => MatrixSet.CountBytes(Format, Shape);

    [GlobalSetup]
    public void SetUp()
    {
        _team = new WorkerTeam(Environment.ProcessorCount);
        _matrices = new MatrixSet(Format, Shape);
        _memory = new RandomMemory();
        _inputs = _memory.Rows(Inputs, Shape.Columns);
        _outputs = _memory.Rows(Inputs, Shape.Rows);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _team.Dispose();
        _matrices.Dispose();
        _memory.Dispose();
    }

    [Benchmark]
    public void Multiply() => MatrixProduct.Run(_team, _inputs, new ProductTarget(_matrices.Next(), null, _outputs));
}
