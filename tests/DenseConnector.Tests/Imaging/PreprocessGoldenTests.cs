using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using DenseConnector.Imaging;
using Xunit.Abstractions;

namespace DenseConnector.Tests.Imaging;

/// <summary>
/// Every picture of the golden data against what Pillow 9.4 and the official Python gave for it, bit for bit.
/// </summary>
[Trait("Suite", "Preprocess")]
public sealed class PreprocessGoldenTests(PreprocessGoldenTests.Report report)
    : IClassFixture<PreprocessGoldenTests.Report>
{
    private const int PatchSide = 14;

    private static readonly ConcurrentDictionary<string, JsonElement> GoldenFiles = new();
    private static readonly ConcurrentDictionary<string, GoldenTensors> TensorFiles = new();

    public static TheoryData<string> Folders() => [.. TestData.ReferenceFolders];

    public static TheoryData<string, string> Pictures()
    {
        TheoryData<string, string> rows = [];
        foreach (string folder in TestData.ReferenceFolders)
        {
            foreach (JsonElement entry in Golden(folder).GetProperty("images").EnumerateArray())
            {
                rows.Add(folder, entry.GetProperty("file").GetString()!);
            }
        }

        return rows;
    }

    public static TheoryData<string, string, string> Outputs()
    {
        TheoryData<string, string, string> rows = [];
        foreach (string folder in TestData.ReferenceFolders)
        {
            foreach (JsonElement entry in Golden(folder).GetProperty("images").EnumerateArray())
            {
                foreach (JsonProperty output in entry.GetProperty("outputs").EnumerateObject())
                {
                    rows.Add(folder, entry.GetProperty("file").GetString()!, output.Name);
                }
            }
        }

        return rows;
    }

    public static TheoryData<string, string> ResizeCases()
    {
        TheoryData<string, string> rows = [];
        foreach (string folder in TestData.ReferenceFolders)
        {
            foreach (JsonElement entry in Golden(folder).GetProperty("resize_cases").EnumerateArray())
            {
                rows.Add(folder, entry.GetProperty("case").GetString()!);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public async Task LoadAsync_Picture_EqualsPillow(string folder, string file)
    {
        JsonElement entry = Entry(folder, file);
        ImageInput image = await ImageInput.LoadAsync(ImagePath(folder, file));

        Assert.Equal(entry.GetProperty("size_wh")[0].GetInt32(), image.Width);
        Assert.Equal(entry.GetProperty("size_wh")[1].GetInt32(), image.Height);
        string stem = Path.GetFileNameWithoutExtension(file);
        GoldenTensors tensors = Tensors(folder);
        foreach (string name in tensors.Names.Where(
            name => name.StartsWith(stem + "/decoded_rgb", StringComparison.Ordinal)))
        {
            AssertEqualTensor(tensors, name, image.Pixels.ToArray(), 1, image.Height, image.Width);
            report.Count("decoded tensors");
        }

        Assert.Equal(entry.GetProperty("decoded_rgb_sha256").GetString(), Sha256(image.Pixels.Span));
        report.Count("pictures");
    }

    [Theory]
    [MemberData(nameof(Outputs))]
    public async Task Process_Picture_EqualsReference(string folder, string file, string kind)
    {
        JsonElement output = Entry(folder, file).GetProperty("outputs").GetProperty(kind);
        ImageInput image = await ImageInput.LoadAsync(ImagePath(folder, file));
        ImageProcessorSettings settings = kind.Split('_')[0] switch
        {
            "clip" => Processors.Clip,
            "siglip" => Processors.Siglip,
            _ => throw new InvalidDataException($"{kind}: no such encoder is known to this suite."),
        };
        ImageProcessor processor = new(settings);
        PixelValues pixels = kind.Split('_')[1] switch
        {
            "plain" => processor.Process(image, ImageAspect.Plain),
            "pad" => processor.Process(image, ImageAspect.Pad),
            "anyres" => processor.ProcessAnyRes(image, Pinpoints(folder, processor.TileSide)),
            _ => throw new InvalidDataException($"{kind}: no such aspect is known to this suite."),
        };
        byte[] bytes = Processors.Denormalize(pixels, settings);

        if (output.TryGetProperty("reference_error", out _))
        {
            report.Count("outputs the reference fails on");
            return;
        }

        int[] shape = [.. output.GetProperty("pixel_values_shape").EnumerateArray().Select(n => n.GetInt32())];
        Assert.Equal(shape, new[] { pixels.Tiles, 3, pixels.Height, pixels.Width });
        string stem = Path.GetFileNameWithoutExtension(file);
        GoldenTensors tensors = Tensors(folder);
        if (output.TryGetProperty("tensor", out JsonElement tensor))
        {
            AssertEqualTensor(tensors, tensor.GetString()!, bytes, pixels.Tiles, pixels.Height, pixels.Width);
            report.Count("output tensors");
        }

        Assert.Equal(output.GetProperty("uint8_sha256").GetString(), Sha256(bytes));
        AssertMeans(output.GetProperty("mean"), pixels);
        string corner = $"{stem}/pv_{kind}_first8";
        if (tensors.Names.Contains(corner))
        {
            AssertCorner(tensors.Shape(corner), tensors.Floats(corner), pixels);
            report.Count("float corners");
        }

        report.Count("outputs");
    }

    [Theory]
    [MemberData(nameof(ResizeCases))]
    public void Resize_Case_EqualsPillow(string folder, string name)
    {
        GoldenTensors tensors = new(Path.Combine(folder, "preprocess", "resize.safetensors"));
        int[] from = tensors.Shape(name + "/in");
        int[] to = tensors.Shape(name + "/bicubic_out");

        byte[] resized = BicubicResizer.Resize(
            tensors.Bytes(name + "/in"), new PixelSize(from[1], from[0]), new PixelSize(to[1], to[0]));

        AssertEqualTensor(tensors, name + "/bicubic_out", resized, 1, to[0], to[1]);
        report.Count("resize cases");
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void AnyResGrid_EveryGeometry_EqualsReference(string folder)
    {
        JsonElement geometries = Json(Path.Combine(folder, "prompts.json")).GetProperty("anyres_geometry");
        Assert.NotEqual(0, geometries.GetArrayLength());
        foreach (JsonElement geometry in geometries.EnumerateArray())
        {
            int tile = geometry.GetProperty("tile").GetInt32();
            int features = tile / PatchSide;
            PixelSize picture = Size(geometry.GetProperty("image_wh"));
            AnyResGrid grid = AnyResGrid.Select(picture, Pinpoints(folder, tile), tile);
            PixelWindow unpadded = grid.Unpad(picture, features);
            string found =
                $"{picture} at {tile}: {grid.Resolution}, {new PixelSize(grid.Columns, grid.Rows)}, " +
                $"{new PixelSize(unpadded.Width, unpadded.Height)}, {grid.CountTokens(picture, features)}";

            JsonElement unpaddedHeightWidth = geometry.GetProperty("unpadded_feature_hw");
            Assert.Equal(
                $"{picture} at {tile}: {Size(geometry.GetProperty("best_resolution_wh"))}, " +
                $"{Size(geometry.GetProperty("grid_wh"))}, " +
                $"{new PixelSize(unpaddedHeightWidth[1].GetInt32(), unpaddedHeightWidth[0].GetInt32())}, " +
                $"{geometry.GetProperty("tokens_with_newline").GetInt32()}",
                found);
            report.Count("AnyRes geometries");
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Pictures_EveryFolder_HoldsSome(string folder)
    {
        Assert.NotEqual(0, Golden(folder).GetProperty("images").GetArrayLength());
        Assert.NotEqual(0, Golden(folder).GetProperty("resize_cases").GetArrayLength());
        report.Count("folders");
    }

    private static JsonElement Json(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    private static JsonElement Golden(string folder) => GoldenFiles.GetOrAdd(
        folder, static name => Json(Path.Combine(name, "preprocess", "golden.json")));

    private static JsonElement Entry(string folder, string file) =>
        Golden(folder).GetProperty("images").EnumerateArray().Single(
            entry => entry.GetProperty("file").GetString() == file);

    private static GoldenTensors Tensors(string folder) => TensorFiles.GetOrAdd(
        folder, static name => new GoldenTensors(Path.Combine(name, "preprocess", "golden.safetensors")));

    private static string ImagePath(string folder, string file) =>
        Path.Combine(folder, "preprocess", "images", file);

    private static PixelSize[] Pinpoints(string folder, int tile) =>
        [.. Golden(folder).GetProperty("pinpoints").GetProperty(tile.ToString(CultureInfo.InvariantCulture))
            .EnumerateArray().Select(Size)];

    private static PixelSize Size(JsonElement widthHeight) =>
        new(widthHeight[0].GetInt32(), widthHeight[1].GetInt32());

    private static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>
    /// Compares <c>[tiles, height, width, 3]</c> with a stored tensor; a name that ends in <c>.strideK</c> has every
    /// K-th row and column.
    /// </summary>
    private static void AssertEqualTensor(
        GoldenTensors tensors, string name, byte[] actual, int tiles, int height, int width)
    {
        const string mark = ".stride";
        int at = name.IndexOf(mark, StringComparison.Ordinal);
        int stride = at < 0 ? 1 : int.Parse(name.AsSpan(at + mark.Length), CultureInfo.InvariantCulture);
        byte[] expected = tensors.Bytes(name);
        int rows = (height + stride - 1) / stride;
        int columns = (width + stride - 1) / stride;
        Assert.Equal(tiles * rows * columns * 3, expected.Length);

        int different = 0;
        int largest = 0;
        string first = string.Empty;
        for (int i = 0; i < expected.Length; i++)
        {
            int channel = i % 3;
            int x = i / 3 % columns * stride;
            int y = i / 3 / columns % rows * stride;
            int tile = i / 3 / columns / rows;
            int difference = Math.Abs(expected[i] - actual[(((((tile * height) + y) * width) + x) * 3) + channel]);
            if (difference > 0)
            {
                first = different++ == 0 ? $"tile {tile}, row {y}, column {x}, channel {channel}" : first;
                largest = Math.Max(largest, difference);
            }
        }

        Assert.True(
            different == 0,
            $"{name}: {different:N0} of {expected.Length:N0} bytes differ, by up to {largest}; first at {first}.");
    }

    private static void AssertMeans(JsonElement expected, PixelValues pixels)
    {
        int plane = pixels.Height * pixels.Width;
        for (int channel = 0; channel < 3; channel++)
        {
            double sum = 0;
            for (int tile = 0; tile < pixels.Tiles; tile++)
            {
                foreach (float value in pixels.Values.AsSpan(((tile * 3) + channel) * plane, plane))
                {
                    sum += value;
                }
            }

            // The stored means were summed in float32.
            Assert.Equal(expected[channel].GetDouble(), sum / (pixels.Tiles * (long)plane), 1e-5);
        }
    }

    private static void AssertCorner(int[] shape, float[] expected, PixelValues pixels)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            int x = i % shape[2];
            int y = i / shape[2] % shape[1];
            int channel = i / shape[2] / shape[1];
            float actual = pixels.Values[(((channel * pixels.Height) + y) * pixels.Width) + x];
            Assert.True(
                BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual),
                $"channel {channel}, row {y}, column {x}: found {actual:R}, expected {expected[i]:R}.");
        }
    }

    /// <summary>Counts what ran.</summary>
    public sealed class Report(IMessageSink messages) : SuiteReport("Preprocess", messages);
}
