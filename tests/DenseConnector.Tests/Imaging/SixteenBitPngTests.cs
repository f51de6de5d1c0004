using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class SixteenBitPngTests
{
    private const byte Gray = 0;
    private const byte Rgb = 2;
    private const byte GrayAlpha = 4;
    private const byte Rgba = 6;

    [Fact]
    public void Decode_Gray_ClipsAt255()
    {
        byte[] png = TestPictures.Png(4, 1, 16, Gray, [0, 0, 7, 0, 255, 1, 0, 255, 255]);

        Assert.Equal([7, 7, 7, 255, 255, 255, 255, 255, 255, 255, 255, 255], Pixels(png));
    }

    [Fact]
    public void Decode_Rgb_KeepsTheHighBytes() =>
        Assert.Equal([1, 3, 255], Pixels(TestPictures.Png(1, 1, 16, Rgb, [0, 1, 255, 3, 4, 255, 0])));

    [Fact]
    public void Decode_GrayAlpha_KeepsTheHighByteAndDropsAlpha() =>
        Assert.Equal([9, 9, 9], Pixels(TestPictures.Png(1, 1, 16, GrayAlpha, [0, 9, 200, 0, 0])));

    [Fact]
    public void Decode_Rgba_KeepsTheHighBytesAndDropsAlpha() =>
        Assert.Equal([1, 3, 5], Pixels(TestPictures.Png(1, 1, 16, Rgba, [0, 1, 2, 3, 4, 5, 6, 0, 0])));

    [Fact]
    public void Recognizes_EightBits_IsFalse() =>
        Assert.False(SixteenBitPng.Recognizes(TestPictures.Png(1, 1, 8, Rgb, [0, 1, 2, 3])));

    [Theory]
    [InlineData("too few rows", 2, 2, Gray, 0, "ends too early")]
    [InlineData("unknown filter", 1, 1, Gray, 0, "damaged")]
    [InlineData("palette", 1, 1, 3, 0, "damaged")]
    [InlineData("unknown interlacing", 1, 1, Gray, 2, "damaged")]
    public void Decode_Broken_Throws(
        string what, int width, int height, byte colorType, byte interlace, string problem)
    {
        byte[] png = TestPictures.Png(width, height, 16, colorType, [9, 0, 0], interlace);
        if (what == "too few rows")
        {
            png = TestPictures.Png(width, height, 16, colorType, [0, 1, 2], interlace);
        }

        string message = Assert.Throws<InvalidImageException>(
            () => SixteenBitPng.Decode("cat.png", png, width, height)).Message;

        Assert.StartsWith("cat.png: ", message, StringComparison.Ordinal);
        Assert.Contains(problem, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x78, 0x20)]
    [InlineData(0x78, 0x00)]
    [InlineData(0xFF, 0xFF)]
    public void Decode_ZlibHeaderThatAsksForADictionaryOrIsWrong_Throws(byte first, byte second)
    {
        // The compressed data starts after signature (8), header chunk (25) and the data chunk's length and type (8).
        byte[] png = TestPictures.Png(1, 1, 16, Gray, [0, 0, 1]);
        (png[41], png[42]) = (first, second);

        Assert.Contains(
            "damaged",
            Assert.Throws<InvalidImageException>(() => SixteenBitPng.Decode("cat.png", png, 1, 1)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_HeaderOfAnotherSize_Throws()
    {
        byte[] png = TestPictures.Png(2, 1, 16, Gray, [0, 0, 1, 0, 2]);

        Assert.Throws<InvalidImageException>(() => SixteenBitPng.Decode("cat.png", png, 1, 1));
    }

    private static byte[] Pixels(byte[] png) => ImageInput.FromBytes(png).Pixels.ToArray();
}
