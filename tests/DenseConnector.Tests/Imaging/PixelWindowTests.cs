using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class PixelWindowTests
{
    [Theory]
    [InlineData(2, 1, 3, 4, 2, 1, 3, 4)]
    [InlineData(-2, -1, 30, 40, 0, 0, 10, 8)]
    [InlineData(-2, -1, 3, 4, 0, 0, 1, 3)]
    [InlineData(8, 7, 5, 5, 8, 7, 2, 1)]
    [InlineData(20, 20, 5, 5, 10, 8, 0, 0)]
    [InlineData(-9, -9, 5, 5, 0, 0, 0, 0)]
    public void Within_AnyWindow_IsCutToThePicture(
        int left, int top, int width, int height, int x, int y, int columns, int rows) => Assert.Equal(
            new PixelWindow(x, y, columns, rows),
            new PixelWindow(left, top, width, height).Within(new PixelSize(10, 8)));
}
