using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class ImageMarksTests
{
    [Theory]
    [InlineData(false, 0, "What?", "What?")]
    [InlineData(false, 1, "What?", "<image>\nWhat?")]
    [InlineData(false, 2, "What?", "<image>\n<image>\nWhat?")]
    [InlineData(false, 1, "What is <image>?", "What is <image>?")]
    [InlineData(true, 2, "What?", "<im_start><image><im_end>\n<im_start><image><im_end>\nWhat?")]
    [InlineData(true, 1, "What is <image>?", "What is <image>?")]
    public void Place_PicturesOfAMessage_HaveAMarkEach(bool tagged, int pictures, string text, string expected) =>
        Assert.Equal(expected, new ImageMarks(tagged).Place(text, pictures));

    [Theory]
    [InlineData("One <image>", 0)]
    [InlineData("One <image>", 2)]
    [InlineData("<image> and <image>", 1)]
    public void Place_OtherNumberOfMarks_SaysBoth(string text, int pictures)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ImageMarks(false).Place(text, pictures));
        Assert.Contains($"<image> marks for {pictures} pictures", error.Message, StringComparison.Ordinal);
    }
}
