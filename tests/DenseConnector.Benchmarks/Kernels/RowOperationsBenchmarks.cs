using BenchmarkDotNet.Attributes;
using DenseConnector.Kernels;

namespace DenseConnector.Benchmarks.Kernels;

/// <summary>What happens to a few rows between two products.</summary>
public class RowOperationsBenchmarks
{
    private const int Width = 4096, FeedForward = 11008;

    private WorkerTeam _team = null!;
    private RandomMemory _memory = null!;
    private RowBlock _rows;
    private RowBlock _weight;
    private RowBlock _output;
    private RowBlock _gate;
    private RowBlock _up;
    private nint _prepared;

    [Params(1, 8)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _team = new WorkerTeam(Environment.ProcessorCount);
        _memory = new RandomMemory();
        _rows = _memory.Rows(Rows, Width);
        _weight = _memory.Rows(1, Width);
        _output = _memory.Rows(Rows, Width);
        _gate = _memory.Rows(Rows, FeedForward);
        _up = _memory.Rows(Rows, FeedForward);

        // Int8's inputs stay float32, which takes most.
        _prepared = _memory.Take(new Int8Matrix(0, 0, 1, Width).PreparedBytes(Rows));
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _team.Dispose();
        _memory.Dispose();
    }

    [Benchmark]
    public void RmsNorm() => RowOperations.RmsNorm(_team, _rows, _weight, 1e-5f, _output);

    [Benchmark]
    public void GateProduct() => RowOperations.GateProduct(_team, _gate, _up);

    [Benchmark]
    public void PrepareForBFloat16() => Prepare(new BFloat16Matrix(0, 1, Width));

    [Benchmark]
    public void PrepareForInt8() => Prepare(new Int8Matrix(0, 0, 1, Width));

    [Benchmark]
    public void PrepareForInt4() => Prepare(new Int4Matrix(0, 0, 1, Width));

    private unsafe void Prepare(IKernelMatrix matrix)
    {
        for (int row = 0; row < Rows; row++)
        {
            matrix.Prepare(_rows, row, (byte*)_prepared);
        }
    }
}
