using BenchmarkDotNet.Attributes;
using DenseConnector.Imaging;
using DenseConnector.Tests;

namespace DenseConnector.Benchmarks.Imaging;

/// <summary>The sample pictures' files to pixels.</summary>
public class ImageDecoderBenchmarks : IHasThroughput
{
    private static readonly string Folder = Path.Combine(TestData.Root, "samples", "images");

    private byte[] _encoded = [];

    [ParamsSource(nameof(Pictures))]
    public string Picture { get; set; } = string.Empty;

    public static IEnumerable<string> Pictures => Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Order()!;

    /// <summary>Those of the pixels.</summary>
    public long Bytes
    {
        get
        {
            ImageInput picture = ImageInput.FromBytes(File.ReadAllBytes(Path.Combine(Folder, Picture)));
            return 3L * picture.Width * picture.Height;
        }
    }

    [GlobalSetup]
    public void SetUp() => _encoded = File.ReadAllBytes(Path.Combine(Folder, Picture));

    [Benchmark]
    public object Decode() => ImageDecoder.Decode(Picture, _encoded, new ImageOptions());
}
