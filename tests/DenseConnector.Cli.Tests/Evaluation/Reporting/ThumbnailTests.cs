using DenseConnector.Cli.Evaluation.Reporting;
using DenseConnector.Imaging;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed class ThumbnailTests
{
    private const string Prefix = "data:image/jpeg;base64,";

    [Fact]
    public async Task Read_SmallPicture_KeepsItsSizeAndColours()
    {
        DecodedPicture original = Decode(await File.ReadAllBytesAsync(ToolRun.Picture));

        DecodedPicture picture = await ReadAsync(ToolRun.Picture);

        Assert.Equal((original.Width, original.Height), (picture.Width, picture.Height));
        double difference = original.Rgb.Zip(picture.Rgb, (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(difference, 0, 6);
    }

    [Theory]
    [InlineData(640, 160, 320, 80)]
    [InlineData(100, 400, 80, 320)]
    [InlineData(320, 321, 319, 320)]
    [InlineData(320, 320, 320, 320)]
    public async Task Read_LargePicture_IsShrunkInItsShape(int width, int height, int shownWidth, int shownHeight)
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "large.bmp");
        await File.WriteAllBytesAsync(path, Bitmap(width, height));

        DecodedPicture picture = await ReadAsync(path);

        Assert.Equal((shownWidth, shownHeight), (picture.Width, picture.Height));
    }

    [Fact]
    public async Task Read_LinePicture_KeepsAPixel()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "line.bmp");
        await File.WriteAllBytesAsync(path, Bitmap(2000, 1));

        Assert.Equal(1, (await ReadAsync(path)).Height);
    }

    [Fact]
    public async Task Read_NoPicture_GivesNone()
    {
        using TemporaryFolder folder = new();
        string text = Path.Combine(folder.Path, "text.jpg");
        await File.WriteAllTextAsync(text, "no picture");

        Assert.Null(await Thumbnail.ReadAsync(text, CancellationToken.None));
        Assert.Null(await Thumbnail.ReadAsync(text + ".missing", CancellationToken.None));
        Assert.Null(await Thumbnail.ReadAsync(folder.Path, CancellationToken.None));
    }

    private static async Task<DecodedPicture> ReadAsync(string path)
    {
        string? address = await Thumbnail.ReadAsync(path, CancellationToken.None);
        Assert.StartsWith(Prefix, address, StringComparison.Ordinal);
        return Decode(Convert.FromBase64String(address![Prefix.Length..]));
    }

    private static DecodedPicture Decode(byte[] encoded) => ImageDecoder.Decode("test", encoded, new ImageOptions());

    // An uncompressed bitmap of 24 bits a pixel.
    private static byte[] Bitmap(int width, int height)
    {
        const int head = 54;
        int stride = ((width * 3) + 3) / 4 * 4;
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write("BM"u8);
        writer.Write(head + (stride * height));
        writer.Write(0);
        writer.Write(head);
        writer.Write(40);
        writer.Write(width);
        writer.Write(height);
        writer.Write((short)1);
        writer.Write((short)24);
        writer.Write(new byte[24]);
        writer.Write(new byte[stride * height]);
        return bytes.ToArray();
    }
}
