using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class ImageProcessorSettingsTests
{
    private const string Colors = "\"image_mean\": [0.1, 0.2, 0.3], \"image_std\": [0.4, 0.5, 0.6]";

    [Fact]
    public void Read_ClipWithNumbers_CropsTheShorterEdge()
    {
        ImageProcessorSettings settings = Processors.Clip;

        Assert.Equal(336, settings.ShortestEdge);
        Assert.Null(settings.ExactSize);
        Assert.Equal(new PixelSize(336, 336), settings.Output);
        Assert.Equal([0.48145466, 0.4578275, 0.40821073], settings.Mean);
        Assert.Equal([0.26862954, 0.26130258, 0.27577711], settings.StandardDeviation);
        Assert.Equal(1.0 / 255, settings.RescaleFactor);
    }

    [Fact]
    public void WithSide_EitherForm_KeepsTheFormAndTheColors()
    {
        ImageProcessorSettings clip = Processors.Clip.WithSide(768);
        ImageProcessorSettings siglip = Processors.Siglip.WithSide(768);

        Assert.Equal(768, clip.ShortestEdge);
        Assert.Null(clip.ExactSize);
        Assert.Equal(new PixelSize(768, 768), clip.Output);
        Assert.Equal(Processors.Clip.Mean, clip.Mean);
        Assert.Null(siglip.ShortestEdge);
        Assert.Equal(new PixelSize(768, 768), siglip.ExactSize);
        Assert.Equal(new PixelSize(768, 768), siglip.Output);
    }

    [Fact]
    public void Load_BundledTinyModel_ReadsTheFormWithObjects()
    {
        ImageProcessorSettings settings = ImageProcessorSettings.Load(TestData.TinyModel);

        Assert.Equal(112, settings.ShortestEdge);
        Assert.Equal(new PixelSize(112, 112), settings.Output);
    }

    [Fact]
    public void Read_Siglip_SqueezesToTheSize()
    {
        ImageProcessorSettings settings = Processors.Siglip;

        Assert.Null(settings.ShortestEdge);
        Assert.Equal(new PixelSize(384, 384), settings.ExactSize);
        Assert.Equal(new PixelSize(384, 384), settings.Output);
    }

    [Fact]
    public void Read_SiglipWithANumber_IsASquare()
    {
        ImageProcessorSettings settings = Processors.Read(
            $$"""{ "image_processor_type": "SiglipImageProcessor", "size": 224, {{Colors}} }""");

        Assert.Equal(new PixelSize(224, 224), settings.ExactSize);
        Assert.Equal(new PixelSize(224, 224), settings.Output);
    }

    [Fact]
    public void Read_HeightAndWidth_AreNotMixedUp() => Assert.Equal(
        new PixelSize(30, 20),
        Processors.Read($$"""{ "size": { "height": 20, "width": 30 }, {{Colors}} }""").Output);

    [Fact]
    public void Read_OtherRescaleFactor_IsKept() => Assert.Equal(
        0.5, Processors.Read($$"""{ "size": 8, "crop_size": 8, "rescale_factor": 0.5, {{Colors}} }""").RescaleFactor);

    [Theory]
    [InlineData("\"size\": 336, \"crop_size\": 336, \"resample\": 2", "resample", "3 (bicubic)")]
    [InlineData("\"size\": 336, \"crop_size\": 336, \"do_resize\": false", "do_resize", "true")]
    [InlineData("\"size\": 336, \"crop_size\": 336, \"do_rescale\": false", "do_rescale", "true")]
    [InlineData("\"size\": 336, \"crop_size\": 336, \"do_normalize\": false", "do_normalize", "true")]
    [InlineData("\"size\": 336, \"do_center_crop\": false", "do_center_crop", "'height' and 'width'")]
    [InlineData("\"size\": 336", "crop_size", "missing")]
    [InlineData("\"size\": 336, \"crop_size\": { \"height\": 336 }", "crop_size.width", "missing")]
    [InlineData("\"size\": 0, \"crop_size\": 336", "size", "greater than 0")]
    [InlineData("\"size\": { \"width\": 336 }", "size.height", "missing")]
    [InlineData("\"crop_size\": 336", "size", "{shortest_edge}")]
    [InlineData("\"size\": \"big\"", "size", "{height, width}")]
    public void Read_UnsupportedOrMissing_NamesTheKeyAndWhatIsAccepted(string body, string path, string accepted)
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => Processors.Read($"{{ {body}, {Colors} }}"));

        Assert.Equal(path, error.Path);
        Assert.StartsWith("preprocessor_config.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(accepted, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"image_std\": [1, 1, 1]", "image_mean")]
    [InlineData("\"image_mean\": [0, 0], \"image_std\": [1, 1, 1]", "image_mean")]
    [InlineData("\"image_mean\": [0, 0, 123.7], \"image_std\": [1, 1, 1]", "image_mean")]
    [InlineData("\"image_mean\": [0, 0, 0]", "image_std")]
    [InlineData("\"image_mean\": [0, 0, 0], \"image_std\": [1, 0, 1]", "image_std")]
    public void Read_WrongColors_NamesTheKey(string body, string path) => Assert.Equal(
        path,
        Assert.Throws<ModelConfigException>(
            () => Processors.Read($$"""{ "size": 8, "crop_size": 8, {{body}} }""")).Path);

    [Fact]
    public void Load_FolderWithoutTheFile_Throws() =>
        Assert.Throws<ModelConfigException>(() => ImageProcessorSettings.Load(Path.Combine(TestData.Root, "tests")));
}
