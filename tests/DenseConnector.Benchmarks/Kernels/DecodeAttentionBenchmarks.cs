using BenchmarkDotNet.Attributes;
using DenseConnector.Kernels;

namespace DenseConnector.Benchmarks.Kernels;

/// <summary>One new token's attention over a picture and a question, layer after layer.</summary>
public class DecodeAttentionBenchmarks : IHasThroughput
{
    private const int Layers = 32, Heads = 32, HeadSize = 128, Tokens = 800;
    private const long KeyBytes = Heads * Tokens * HeadSize * sizeof(ushort);

    private readonly DecodeAttention _attention = new(Heads, Heads, HeadSize);
    private readonly KeyValueRows[][] _past = new KeyValueRows[Layers][];
    private WorkerTeam _team = null!;
    private RandomMemory _memory = null!;
    private RowBlock _query;
    private RowBlock _output;
    private int _layer;

    public long Bytes => 2 * KeyBytes;

    [GlobalSetup]
    public void SetUp()
    {
        _team = new WorkerTeam(Environment.ProcessorCount);
        _memory = new RandomMemory();
        _query = _memory.Rows(1, Heads * HeadSize);
        _output = _memory.Rows(1, Heads * HeadSize);
        for (int layer = 0; layer < Layers; layer++)
        {
            (nint keys, nint values) = (_memory.Take(KeyBytes), _memory.Take(KeyBytes));
            _past[layer] = [new KeyValueRows(keys, values, true, Tokens, Tokens * HeadSize, HeadSize)];
        }
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _team.Dispose();
        _memory.Dispose();
    }

    [Benchmark]
    public void Attend() => _attention.Run(_team, _query, _past[_layer++ % Layers], _output);
}
