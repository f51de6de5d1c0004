using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class GifBackgroundTests
{
    private static readonly byte[] Screen = [.. "GIF89a"u8, 2, 0, 2, 0, 0x80, 0, 0, 10, 11, 12, 20, 21, 22];
    private static readonly byte[] Comment = [0x21, 0xFE, 3, 1, 2, 3, 0];
    private static readonly byte[] Frame = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0];

    [Fact]
    public void Read_NoTransparency_IsTheFirstColor() =>
        Assert.Equal((10, 11, 12), Read([.. Screen, .. Comment, .. Frame]));

    [Fact]
    public void Read_Transparency_IsItsColor() =>
        Assert.Equal((20, 21, 22), Read([.. Screen, .. Comment, .. Control(1, 1), .. Frame]));

    [Fact]
    public void Read_TransparencySwitchedOff_IsTheFirstColor() =>
        Assert.Equal((10, 11, 12), Read([.. Screen, .. Control(0, 1), .. Frame]));

    [Fact]
    public void Read_LocalTable_GoesBeforeTheGlobalOne() => Assert.Equal(
        (4, 5, 6), Read([.. Screen, .. Control(1, 1), .. Frame[..^1], 0x80, 1, 2, 3, 4, 5, 6]));

    [Fact]
    public void Read_IndexBeyondTheTable_IsGray() =>
        Assert.Equal((200, 200, 200), Read([.. Screen, .. Control(1, 200), .. Frame]));

    [Fact]
    public void Read_EveryTruncation_ThrowsInvalidImage()
    {
        byte[] whole = [.. Screen, .. Comment, .. Control(1, 1), .. Frame];
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] part = whole[..length];
            Assert.Throws<InvalidImageException>(() => { Read(part); });
        }
    }

    private static byte[] Control(byte flags, byte index) => [0x21, 0xF9, 4, flags, 0, 0, index, 0];

    private static (int, int, int) Read(byte[] gif) => GifBackground.Read("cat.gif", gif);
}
