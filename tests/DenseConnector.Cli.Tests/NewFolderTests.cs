using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests;

public sealed class NewFolderTests : IDisposable
{
    private readonly TemporaryFolder _place = new();

    private string Target => Path.Combine(_place.Path, "a", "b");

    [Fact]
    public void Complete_NewFolder_KeepsWhatWasWritten()
    {
        using (NewFolder folder = new(Target))
        {
            File.WriteAllText(Path.Combine(folder.Path, "file"), "text");
            folder.Complete();
        }

        Assert.Equal("text", File.ReadAllText(Path.Combine(Target, "file")));
    }

    [Fact]
    public void Dispose_NewFolderIncomplete_RemovesIt()
    {
        using (NewFolder folder = new(Target))
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, "inside"));
            File.WriteAllText(Path.Combine(folder.Path, "inside", "file"), "text");
        }

        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public void Dispose_EmptyFolderIncomplete_LeavesItEmpty()
    {
        Directory.CreateDirectory(Target);

        using (NewFolder folder = new(Target))
        {
            File.WriteAllText(Path.Combine(folder.Path, "file"), "text");
        }

        Assert.Empty(Directory.GetFileSystemEntries(Target));
    }

    [Fact]
    public void Constructor_FolderWithFiles_ThrowsAndLeavesThem()
    {
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "thesis.txt"), "words");

        ArgumentException error = Assert.Throws<ArgumentException>(() => new NewFolder(Target).Dispose());

        Assert.Contains($"'{Target}' is there already and not empty", error.Message, StringComparison.Ordinal);
        Assert.Equal("words", File.ReadAllText(Path.Combine(Target, "thesis.txt")));
    }

    [Fact]
    public void Constructor_File_Throws()
    {
        string file = _place.Write("file", "text"u8);

        Assert.Throws<ArgumentException>(() => new NewFolder(file).Dispose());

        Assert.Equal("text", File.ReadAllText(file));
    }

    public void Dispose() => _place.Dispose();
}
