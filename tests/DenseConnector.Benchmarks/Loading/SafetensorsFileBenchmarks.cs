using BenchmarkDotNet.Attributes;
using DenseConnector.Loading;
using DenseConnector.Tests.Kernels;
using TorchSharp;

namespace DenseConnector.Benchmarks.Loading;

/// <summary>All tensors of a weight file that the page cache holds: copied, or mapped and looked at.</summary>
public unsafe class SafetensorsFileBenchmarks : IHasThroughput
{
    private const int Page = 4096;

    private RandomWeightFile _weights = null!;
    private KernelMemory _memory = null!;
    private byte* _destination;

    public long Bytes => RandomWeightFile.DataBytes;

    [GlobalSetup]
    public void SetUp()
    {
        NativeLibraries.EnsureLoaded();
        _weights = new RandomWeightFile();
        _memory = new KernelMemory();
        _destination = (byte*)_memory.Take(Bytes);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _weights.Dispose();
        _memory.Dispose();
    }

    [Benchmark]
    public void Read()
    {
        using SafetensorsFile file = SafetensorsFile.Open(_weights.File);
        byte* next = _destination;
        foreach (TensorEntry entry in file.Tensors.Values)
        {
            file.Read(entry, next, entry.ByteLength);
            next += entry.ByteLength;
        }
    }

    /// <summary>One number of each page is read.</summary>
    [Benchmark]
    public long MapAndTouch()
    {
        using SafetensorsFile file = SafetensorsFile.Open(_weights.File);
        long sum = 0;
        foreach (TensorEntry entry in file.Tensors.Values)
        {
            using torch.Tensor tensor = file.Mapped!.TryMakeTensor(entry, torch.ScalarType.BFloat16)!;
            byte* first = (byte*)TensorRows.Address(tensor);
            for (long at = 0; at < entry.ByteLength; at += Page)
            {
                sum += first[at];
            }
        }

        return sum;
    }
}
