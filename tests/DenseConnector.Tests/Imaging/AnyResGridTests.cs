using CsCheck;
using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class AnyResGridTests
{
    private const int Tile = 336;

    private static readonly PixelSize[] Pinpoints =
        [new(336, 672), new(672, 336), new(672, 672), new(1008, 336), new(336, 1008)];

    [Theory]
    [InlineData(500, 300, 672, 336)]
    [InlineData(300, 500, 336, 672)]
    [InlineData(1000, 700, 672, 672)]
    [InlineData(3000, 500, 1008, 336)]
    [InlineData(1, 1, 336, 672)]
    [InlineData(65_535, 1, 336, 672)]
    public void Select_Picture_GivesTheBestResolution(int width, int height, int bestWidth, int bestHeight)
    {
        AnyResGrid grid = AnyResGrid.Select(new PixelSize(width, height), Pinpoints, Tile);

        Assert.Equal(new PixelSize(bestWidth, bestHeight), grid.Resolution);
        Assert.Equal((bestWidth / Tile, bestHeight / Tile), (grid.Columns, grid.Rows));
    }

    [Fact]
    public void Select_NoPinpoints_Throws() =>
        Assert.Throws<ArgumentException>(() => AnyResGrid.Select(new PixelSize(1, 1), [], Tile));

    [Theory]
    [InlineData(335, 336)]
    [InlineData(336, 500)]
    [InlineData(0, 336)]
    [InlineData(-336, 336)]
    public void Select_PinpointThatIsNoMultipleOfTheTile_NamesIt(int width, int height) => Assert.Contains(
        $"{width} x {height} is not a multiple of the tile's 336 pixels",
        Assert.Throws<ArgumentException>(
            () => AnyResGrid.Select(new PixelSize(1, 1), [new PixelSize(width, height)], Tile)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(500, 300, 56, 0, 560, 336)]
    [InlineData(300, 500, 0, 56, 336, 560)]
    [InlineData(400, 17, 0, 153, 672, 29)]
    public void PictureOnCanvas_Picture_IsInTheMiddle(
        int width, int height, int left, int top, int resizedWidth, int resizedHeight)
    {
        PixelSize picture = new(width, height);

        Assert.Equal(
            new PixelWindow(left, top, resizedWidth, resizedHeight),
            AnyResGrid.Select(picture, Pinpoints, Tile).PictureOnCanvas(picture));
    }

    [Fact]
    public void Geometry_AnyPicture_StaysInsideTheGrid() => Gen.Select(Gen.Int[1, 65_535], Gen.Int[1, 65_535]).Sample(
        (width, height) =>
        {
            PixelSize picture = new(width, height);
            AnyResGrid grid = AnyResGrid.Select(picture, Pinpoints, Tile);
            PixelWindow place = grid.PictureOnCanvas(picture);
            PixelSize features = new(grid.Columns * 24, grid.Rows * 24);
            PixelWindow unpadded = grid.Unpad(picture, 24);
            return place == place.Within(grid.Resolution) && place.Width > 0 && place.Height > 0 &&
                unpadded == unpadded.Within(features) &&
                grid.CountTokens(picture, 24) == (24 * 24) + (unpadded.Height * (unpadded.Width + 1));
        });
}
