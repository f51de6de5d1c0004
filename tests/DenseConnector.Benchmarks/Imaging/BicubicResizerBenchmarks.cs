using BenchmarkDotNet.Attributes;
using DenseConnector.Imaging;

namespace DenseConnector.Benchmarks.Imaging;

/// <summary>A camera's and a web page's picture to the side of SigLIP's input.</summary>
public class BicubicResizerBenchmarks : IHasThroughput
{
    private static readonly PixelSize Resized = new(384, 384);

    private byte[] _rgb = [];

    [Params(640, 4000)]
    public int Width { get; set; }

    public long Bytes => 3L * Width * Height;

    private int Height => Width * 3 / 4;

    [GlobalSetup]
    public void SetUp()
    {
        _rgb = new byte[Bytes];
        new Random(1).NextBytes(_rgb);
    }

    [Benchmark]
    public byte[] Resize() => BicubicResizer.Resize(_rgb, new PixelSize(Width, Height), Resized);
}
