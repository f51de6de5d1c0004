using DenseConnector.Cli.Evaluation;
using DenseConnector.Configuration;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation;

public sealed class LostPaletteTests
{
    private static readonly (byte Red, byte Green, byte Blue) Background = (122, 116, 104);

    /// <summary>
    /// Pictures of 1, 2, 4 and 8 bits, and what Pillow 9.4 makes of them when the official <c>expand2square</c> has
    /// padded them.
    /// </summary>
    public static TheoryData<string, string> Pictures => new()
    {
        {
            "iVBORw0KGgoAAAANSUhEUgAAAAUAAAACAQMAAACqpIQeAAAABlBMVEUV8iRXRtisAJvjAAAADElEQVR4nGPIYPgBAAI0AWFk245d" +
            "AAAAAElFTkSuQmCC",
            "enRoAQEBAQEBenRoAQEBAQEBAQEBAQEBAQEBAQEB"
        },
        {
            "iVBORw0KGgoAAAANSUhEUgAAAAMAAAAFAgMAAAD9H74xAAAADFBMVEWUc9Dzxf5Pr8BSY9gYSQRiAAAAEklEQVR4nGOwYMhheMAQ" +
            "wuACAAqWAh3gVOpwAAAAAElFTkSuQmCC",
            "enRoAwMDAgICAQEBAgICAwMDAwMDAgICenRoAQEBAQEBAQEBAQEBenRoAQEB"
        },
        {
            "iVBORw0KGgoAAAANSUhEUgAAAAYAAAADBAMAAABCL2PIAAAAMFBMVEX+y3K3HCKAgKQ1hSbo9BFPhGkquh94AUHnqTkjZncLrlJb" +
            "gI5jNYx5qlTLRAbEL39eW9GWAAAAFElEQVR4nGPgv2zHUCA5n4F/STEAE8YDb5Ykr/sAAAAASUVORK5CYII=",
            "enRoDw8PDQ0NAwMDAwMDDg4OBwcHenRoAQEBCQkJCQkJDw8PenRoDw8PCgoKBAQEBwcHAwMD"
        },
        {
            "iVBORw0KGgoAAAANSUhEUgAAAAcAAAAECAMAAAB1GNVPAAADAFBMVEWVyX8AinIrun8Xu4J5Yj6j3nvDUq7jlNEymw4pOsEkClYr" +
            "aAsCM1AgtoAmE64qc7i86E0eGH0CA17iaw0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAK24BFAAAAAnRSTlP/AOW3" +
            "MEoAAAAoSURBVHicY2AQZuHg42dm4OcVEGTlZGZgYGUQFGJhYhBgZuLiFWAHABBcAP/QaZbtAAAAAElFTkSuQmCC",
            "enRoExMTBAQECAgIDg4ODw8PAwMDDw8PDQ0NEBAQERERBQUFCQkJAwMDenRoBQUFenRoEREREhISBAQEAgICEBAQAwMDAgICCgoK" +
            "DQ0NEBAQBwcH"
        },
    };

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Apply_PictureWithAPalette_HasTheColoursOfPaddingIt(string png, string expected) => Assert.Equal(
        Convert.FromBase64String(expected),
        ImageInput.FromBytes(LostPalette.Apply(Convert.FromBase64String(png), Background)).Pixels.ToArray());

    [Fact]
    public void Apply_OtherFiles_StayAsTheyAre()
    {
        byte[] png = File.ReadAllBytes(Directory.GetFiles(EvaluationData.Images, "*.png")[0]);
        Assert.Equal(png, LostPalette.Apply(png, Background));
        byte[] other = [1, .. Convert.FromBase64String((string)Pictures.First()[0])[1..]];
        Assert.Equal(other, LostPalette.Apply(other, Background));
        byte[] cut = Convert.FromBase64String((string)Pictures.First()[0])[..45];
        Assert.Equal(cut, LostPalette.Apply(cut, Background));
        Assert.True(LostPalette.Apply(ReadOnlyMemory<byte>.Empty, Background).IsEmpty);
    }

    [Fact]
    public void PadsUnconverted_OfficialScripts_AreThese() => Assert.Equal(
        ["scienceqa", "mmbench", "mmbench_cn", "mathvista", "mmbench-all-rounds", "mmbench_cn-all-rounds"],
        BenchmarkCatalog.All.Where(benchmark => benchmark.PadsUnconverted).Select(benchmark => benchmark.Name));

    [Fact]
    public async Task LoadUnconvertedAsync_PictureWithAPalette_LosesItOnlyWhereItIsPadded()
    {
        using TemporaryFolder folder = new();
        byte[] png = Convert.FromBase64String((string)Pictures.First()[0]);
        PictureFile picture = new(folder.Write("picture.png", png));
        ModelPlan padding = ModelPlan.Read(ModelFolder.Find(ToolRun.TinyModel), new ModelOptions());
        ModelPlan plain = padding with { Config = padding.Config with { ImageLayout = ImageLayout.Plain } };
        ImageInput padded = Assert.IsType<ImageInput>(
            await picture.LoadUnconvertedAsync(padding, CancellationToken.None));
        ImageInput unpadded = Assert.IsType<ImageInput>(
            await picture.LoadUnconvertedAsync(plain, CancellationToken.None));
        Assert.Equal(Convert.FromBase64String((string)Pictures.First()[1]), padded.Pixels.ToArray());
        Assert.Equal(ImageInput.FromBytes(png).Pixels.ToArray(), unpadded.Pixels.ToArray());
    }
}
