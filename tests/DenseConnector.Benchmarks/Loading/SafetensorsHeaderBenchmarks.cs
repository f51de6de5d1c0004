using BenchmarkDotNet.Attributes;
using DenseConnector.Loading;

namespace DenseConnector.Benchmarks.Loading;

/// <summary>Opening a weight file: its header read and checked.</summary>
public class SafetensorsHeaderBenchmarks
{
    private RandomWeightFile _weights = null!;

    [GlobalSetup]
    public void SetUp() => _weights = new RandomWeightFile();

    [GlobalCleanup]
    public void CleanUp() => _weights.Dispose();

    [Benchmark]
    public void Open() => SafetensorsFile.Open(_weights.File).Dispose();
}
