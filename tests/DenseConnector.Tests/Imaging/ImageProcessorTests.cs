using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class ImageProcessorTests
{
    private static readonly PixelSize[] Pinpoints = [new(336, 672), new(672, 336), new(672, 672)];

    public static TheoryData<int, int> OddSizes()
    {
        TheoryData<int, int> sizes = [];
        foreach (int width in new[] { 1, 2, 3, 40, 65_535 })
        {
            foreach (int height in new[] { 1, 2, 3, 40 })
            {
                sizes.Add(width, height);
            }
        }

        sizes.Add(1, 6_000);
        return sizes;
    }

    [Theory]
    [MemberData(nameof(OddSizes))]
    public void Process_OddSize_GivesOneFullTile(int width, int height)
    {
        ImageInput image = TestPictures.Noise(width, height);
        foreach (ImageProcessorSettings settings in new[] { Processors.Clip, Processors.Siglip })
        {
            ImageProcessor processor = new(settings);
            foreach (ImageAspect aspect in Enum.GetValues<ImageAspect>())
            {
                PixelValues pixels = processor.Process(image, aspect);
                Assert.Equal(1, pixels.Tiles);
                Assert.Equal(settings.Output, new PixelSize(pixels.Width, pixels.Height));
                Processors.Denormalize(pixels, settings);
            }
        }

        PixelValues tiles = new ImageProcessor(Processors.Clip).ProcessAnyRes(image, Pinpoints);
        Assert.Equal(tiles.Tiles * 3 * 336 * 336, tiles.Values.Length);
        Processors.Denormalize(tiles, Processors.Clip);
    }

    [Fact]
    public void Process_PaddedToSquare_HasTheMeanColorAroundThePicture()
    {
        ImageInput white = ImageInput.FromPixels(336, 168, Enumerable.Repeat((byte)255, 336 * 168 * 3).ToArray());

        byte[] bytes = Processors.Denormalize(
            new ImageProcessor(Processors.Clip).Process(white, ImageAspect.Pad), Processors.Clip);

        Assert.Equal([122, 116, 104], bytes[..3]);
        Assert.Equal([122, 116, 104], bytes[^3..]);
        Assert.Equal([122, 116, 104], bytes[((83 * 336) * 3)..((83 * 336 * 3) + 3)]);
        Assert.Equal([255, 255, 255], bytes[((84 * 336) * 3)..((84 * 336 * 3) + 3)]);
        Assert.Equal([255, 255, 255], bytes[((251 * 336) * 3)..((251 * 336 * 3) + 3)]);
        Assert.Equal([122, 116, 104], bytes[((252 * 336) * 3)..((252 * 336 * 3) + 3)]);
    }

    [Fact]
    public void Process_CropLargerThanThePicture_PadsWithZeros()
    {
        ImageProcessorSettings settings = Processors.Read(
            """
            {
              "size": { "height": 3, "width": 2 }, "do_center_crop": true, "crop_size": { "height": 6, "width": 5 },
              "image_mean": [0, 0, 0], "image_std": [1, 1, 1]
            }
            """);
        ImageInput white = ImageInput.FromPixels(2, 3, Enumerable.Repeat((byte)255, 18).ToArray());

        PixelValues pixels = new ImageProcessor(settings).Process(white, ImageAspect.Plain);

        // transformers puts the odd row and column before the picture: ceil((6 - 3) / 2) and ceil((5 - 2) / 2) are 2.
        float[] expected =
        [
            0, 0, 0, 0, 0,
            0, 0, 0, 0, 0,
            0, 0, 1, 1, 0,
            0, 0, 1, 1, 0,
            0, 0, 1, 1, 0,
            0, 0, 0, 0, 0,
        ];
        Assert.Equal([.. expected, .. expected, .. expected], pixels.Values);
    }

    [Fact]
    public void Process_AnyByte_FollowsTheFloatFormula()
    {
        byte[] levels = [.. Enumerable.Range(0, 256).SelectMany(level => Enumerable.Repeat((byte)level, 3))];
        ImageProcessorSettings settings = Processors.Read(
            """
            {
              "size": { "height": 1, "width": 256 }, "image_mean": [0.48145466, 0.4578275, 0.40821073],
              "image_std": [0.26862954, 0.26130258, 0.27577711]
            }
            """);

        PixelValues pixels = new ImageProcessor(settings).Process(
            ImageInput.FromPixels(256, 1, levels), ImageAspect.Plain);

        for (int level = 0; level < 256; level++)
        {
            Assert.Equal(((float)(level * (1.0 / 255)) - 0.48145466f) / 0.26862954f, pixels.Values[level]);
            Assert.Equal(((float)(level * (1.0 / 255)) - 0.4578275f) / 0.26130258f, pixels.Values[256 + level]);
            Assert.Equal(((float)(level * (1.0 / 255)) - 0.40821073f) / 0.27577711f, pixels.Values[512 + level]);
        }
    }

    [Fact]
    public void ProcessAnyRes_PictureOfTheResolution_IsCutRowByRow()
    {
        // Four flat quarters: the tiles must come out as they are read.
        byte[] rgb = new byte[672 * 672 * 3];
        for (int i = 0; i < rgb.Length; i++)
        {
            int x = i / 3 % 672;
            int y = i / 3 / 672;
            rgb[i] = (byte)((x / 336 * 50) + (y / 336 * 100));
        }

        PixelValues pixels = new ImageProcessor(Processors.Clip).ProcessAnyRes(
            ImageInput.FromPixels(672, 672, rgb), Pinpoints);

        Assert.Equal(5, pixels.Tiles);
        byte[] bytes = Processors.Denormalize(pixels, Processors.Clip);
        for (int tile = 0; tile < 4; tile++)
        {
            Assert.False(bytes.AsSpan((tile + 1) * 336 * 336 * 3, 336 * 336 * 3).ContainsAnyExcept((byte)(tile * 50)));
        }
    }

    [Fact]
    public void ProcessAnyRes_EncoderThatIsNotSquare_Throws()
    {
        ImageProcessorSettings settings = Processors.Read(
            """{ "size": { "height": 20, "width": 30 }, "image_mean": [0, 0, 0], "image_std": [1, 1, 1] }""");

        Assert.Throws<ArgumentException>(
            () => new ImageProcessor(settings).ProcessAnyRes(TestPictures.Noise(4, 4), Pinpoints));
    }

    [Fact]
    public async Task Process_FromManyThreads_GivesTheSame()
    {
        ImageProcessor processor = new(Processors.Siglip);
        ImageInput image = TestPictures.Noise(500, 400);
        float[] expected = processor.Process(image, ImageAspect.Pad).Values;

        float[][] found = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => Task.Run(() => processor.Process(image, ImageAspect.Pad).Values)));

        Assert.All(found, values => Assert.True(expected.AsSpan().SequenceEqual(values)));
    }
}
