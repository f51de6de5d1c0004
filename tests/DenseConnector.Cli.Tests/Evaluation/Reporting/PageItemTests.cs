using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Reporting;
using DenseConnector.Cli.Evaluation.Running;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed class PageItemTests
{
    [Theory]
    [InlineData("a", 1.0, null, ItemState.Right)]
    [InlineData("a", 0.3, null, ItemState.Partly)]
    [InlineData("a", 0.0, null, ItemState.Wrong)]
    [InlineData("", 0.0, null, ItemState.Wrong)]
    [InlineData("a", null, null, ItemState.Answered)]
    [InlineData(null, null, "broken", ItemState.Failed)]
    [InlineData(null, null, null, ItemState.Open)]
    [InlineData("a", 1.0, "broken", ItemState.Right)]
    internal void Of_Record_HasItsState(string? answer, double? score, string? error, ItemState state)
    {
        Verdict? verdict = score is double worth ? new Verdict(worth, "p", "e") : null;

        PageItem item = PageItem.Of(new ItemRecord(0, "n", "q", null, answer, verdict), null, error);

        Assert.Equal(state, item.State);
        Assert.Equal(answer is null ? error : null, item.Error);
    }

    [Fact]
    public void Of_Record_NamesThePictureWithoutItsFolder()
    {
        string path = Path.Combine(Path.GetTempPath(), "secret", "x.jpg");

        PageItem item = PageItem.Of(new ItemRecord(0, "n", "q", path, "a", new Verdict(1, "p", "e")), 7, null);

        Assert.Equal(new PageItem("n", "q", ItemState.Right, "x.jpg", 7, "a", "p", "e", 1, null), item);
    }

    [Theory]
    [InlineData("'/home/me/my pictures/x.jpg' is no picture.", "'x.jpg' is no picture.")]
    [InlineData("/home/me/../me/x.jpg: is no picture", "x.jpg: is no picture")]
    [InlineData(@"C:\Users\me\x.jpg: is no picture", "x.jpg: is no picture")]
    [InlineData("a/b of (/home/me/x.jpg)", "a/b of (x.jpg)")]
    [InlineData("pictures/x.jpg is missing", "pictures/x.jpg is missing")]
    [InlineData("'/home/me/x.jpg', '/home/me/x.jpg'", "'x.jpg', 'x.jpg'")]
    public void Of_FailedItem_DoesNotTellWhereThePictureLay(string error, string shown)
    {
        string path = Path.Combine(Path.GetTempPath(), "x.jpg");

        PageItem item = PageItem.Of(new ItemRecord(0, "n", "q", path, null, null), null, error);

        Assert.Equal(shown, item.Error);
        Assert.Equal("a", PageItem.Of(new ItemRecord(0, "n", "q", null, null, null), null, "a").Error);
    }

    [Fact]
    public void Of_PictureNamedLikeAPattern_IsItsName()
    {
        string error = "'/home/me/$0(.jpg' is no picture.";

        PageItem item = PageItem.Of(new ItemRecord(0, "n", "q", "/home/me/$0(.jpg", null, null), null, error);

        Assert.Equal("'$0(.jpg' is no picture.", item.Error);
    }
}
