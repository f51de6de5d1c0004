using DenseConnector.Cli.Evaluation.Reporting;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed class PagePicturesTests
{
    [Fact]
    public async Task Find_SamePicture_IsInThePageOnce()
    {
        PagePictures pictures = new();

        Assert.Equal(0, await pictures.FindAsync(ToolRun.Picture, CancellationToken.None));
        Assert.Null(await pictures.FindAsync("missing.jpg", CancellationToken.None));
        Assert.Equal(0, await pictures.FindAsync(ToolRun.Picture, CancellationToken.None));

        Assert.Single(pictures.Addresses);
        Assert.Equal(0, pictures.LeftOut);
    }

    [Fact]
    public async Task Find_NoRoom_CountsWhatIsLeftOut()
    {
        using TemporaryFolder folder = new();
        PagePictures pictures = new();
        byte[] picture = await File.ReadAllBytesAsync(ToolRun.Picture);
        for (int i = 0; i < PagePictures.Limit + 2; i++)
        {
            string path = Path.Combine(folder.Path, $"{i}.jpg");
            await File.WriteAllBytesAsync(path, picture);
            Assert.Equal(i < PagePictures.Limit ? i : null, await pictures.FindAsync(path, CancellationToken.None));
        }

        Assert.Equal(PagePictures.Limit, pictures.Addresses.Count);
        Assert.Equal(2, pictures.LeftOut);
    }
}
