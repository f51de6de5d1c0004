using System.Security.Cryptography;
using System.Text.Json;
using CsCheck;
using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class ImageDecoderTests
{
    private static readonly ImageOptions Small = new() { MaxPixels = 4_000_000 };

    public static TheoryData<string> RarePictures() =>
        [.. Rare().EnumerateObject().Select(picture => picture.Name)];

    public static TheoryData<string> OneOfEachFormat() =>
    [
        "photo_1000x700.jpg", "prog420_333x517.jpg", "cmyk_320x240.jpg", "noise_210x230.png", "gray16_220x150.png",
        "palette_280x210.png", "webp_lossy_399x267.webp", "webp_lossless_256x384.webp", "gif_240x180.gif",
        "bmp_150x90.bmp",
    ];

    [Theory]
    [MemberData(nameof(RarePictures))]
    public void Decode_PictureOfRareKind_EqualsPillow(string file)
    {
        JsonElement expected = Rare().GetProperty(file);

        ImageInput image = ImageInput.FromBytes(File.ReadAllBytes(Path.Combine(TestPictures.Rare, file)));

        Assert.Equal(expected.GetProperty("size_wh")[0].GetInt32(), image.Width);
        Assert.Equal(expected.GetProperty("size_wh")[1].GetInt32(), image.Height);
        Assert.Equal(
            expected.GetProperty("rgb_sha256").GetString(),
            Convert.ToHexStringLower(SHA256.HashData(image.Pixels.Span)));
    }

    [Theory]
    [MemberData(nameof(OneOfEachFormat))]
    public void Decode_Truncated_ThrowsAtEveryTenth(string file)
    {
        byte[] encoded = File.ReadAllBytes(Path.Combine(TestPictures.Golden, file));
        for (int tenths = 0; tenths < 10; tenths++)
        {
            int length = encoded.Length * tenths / 10;
            InvalidImageException error = Assert.Throws<InvalidImageException>(
                () => ImageInput.FromBytes(encoded.AsMemory(0, length)));
            Assert.Equal("the image bytes", error.Image);
        }
    }

    [Fact]
    public void Decode_TruncatedPng_SaysItEndsTooEarly()
    {
        byte[] encoded = File.ReadAllBytes(Path.Combine(TestPictures.Golden, "noise_210x230.png"));

        Assert.Equal(
            "the image bytes: is a PNG picture that ends too early; save or download it again.",
            Assert.Throws<InvalidImageException>(() => ImageInput.FromBytes(encoded.AsMemory(0, 9_000))).Message);
    }

    [Theory]
    [InlineData(30_000, 30_000)]
    [InlineData(13_378, 13_378)]
    [InlineData(65_535, 65_535)]
    public void Decode_PngBomb_ThrowsWithoutTakingMemory(int width, int height)
    {
        byte[] bomb = TestPictures.Png(width, height, 8, 2, new byte[100]);
        long before = GC.GetAllocatedBytesForCurrentThread();

        string message = Assert.Throws<InvalidImageException>(() => ImageInput.FromBytes(bomb)).Message;

        Assert.Contains("the limit is 178,956,970", message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 0)]
    [InlineData(-1, 10)]
    [InlineData(100_000, 1)]
    [InlineData(1, int.MaxValue)]
    public void Decode_PngOfAbsurdSize_Throws(int width, int height) => Assert.Throws<InvalidImageException>(
        () => ImageInput.FromBytes(TestPictures.Png(width, height, 8, 2, new byte[100])));

    [Fact]
    public void Decode_SignatureAlone_Throws() =>
        Assert.Throws<InvalidImageException>(() => ImageInput.FromBytes(SixteenBitPng.Signature.ToArray()));

    [Fact]
    public void Decode_GoldenPicturesWithFlippedBitsOrCutShort_ThrowsNothingElse()
    {
        byte[][] pictures =
        [
            .. Directory.EnumerateFiles(TestPictures.Golden).Order().Select(File.ReadAllBytes)
                .Where(bytes => bytes.Length < 100_000),
            .. Rare().EnumerateObject().Select(
                picture => File.ReadAllBytes(Path.Combine(TestPictures.Rare, picture.Name))),
        ];
        Gen<byte[]> damaged = Gen.Select(
            Gen.Int[0, pictures.Length - 1],
            Gen.Select(Gen.OneOf(Gen.Int[0, 200], Gen.Int[0, 100_000]), Gen.Int[0, 7]).Array[0, 6],
            Gen.OneOf(Gen.Const(int.MaxValue), Gen.Int[0, 100_000]),
            (picture, flips, length) =>
            {
                byte[] bytes = pictures[picture][..Math.Min(pictures[picture].Length, length)];
                foreach ((int at, int bit) in flips.Where(flip => flip.Item1 < bytes.Length))
                {
                    bytes[at] ^= (byte)(1 << bit);
                }

                return bytes;
            });

        damaged.Sample(
            bytes =>
            {
                try
                {
                    ImageInput image = ImageInput.FromBytes(bytes, Small);
                    return image.Pixels.Length == image.Width * image.Height * 3;
                }
                catch (InvalidImageException)
                {
                    return true;
                }
            },
            iter: 2_000);
    }

    private static JsonElement Rare()
    {
        using JsonDocument document = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(TestPictures.Rare, "pictures.json")));
        return document.RootElement.GetProperty("pictures").Clone();
    }
}
