using BenchmarkDotNet.Attributes;
using DenseConnector.Imaging;
using DenseConnector.Tests;

namespace DenseConnector.Benchmarks.Imaging;

/// <summary>A picture of 640 x 480 pixels to the numbers that an encoder reads, 384 x 384.</summary>
public class ImageProcessorBenchmarks
{
    private const int Width = 640, Height = 480, Side = 384;

    private static readonly PixelSize[] Pinpoints = [new(2 * Side, Side), new(2 * Side, 2 * Side)];

    private ImageProcessor _processor = null!;
    private ImageInput _picture = null!;

    [GlobalSetup]
    public void SetUp()
    {
        string tower = Path.Combine(TestData.TinyModel, "vision_tower");
        _processor = new ImageProcessor(ImageProcessorSettings.Load(tower).WithSide(Side));
        byte[] pixels = new byte[3 * Width * Height];
        new Random(1).NextBytes(pixels);
        _picture = ImageInput.FromPixels(Width, Height, pixels);
    }

    [Benchmark]
    public object Pad() => _processor.Process(_picture, ImageAspect.Pad);

    [Benchmark]
    public object AnyRes() => _processor.ProcessAnyRes(_picture, Pinpoints);
}
