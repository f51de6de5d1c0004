using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests;

public sealed class ModelFolderTests
{
    [Fact]
    public void Find_Folder_IsItself()
    {
        using TemporaryFolder folder = new();

        ModelFolder found = ModelFolder.Find(folder.Path);

        Assert.Equal(new ModelFolder(folder.Path, folder.Path, null), found);
    }

    [Fact]
    public void Find_CatalogModelThatIsNotHere_SaysWhereItLooked()
    {
        // The library's tests have no bundled models beside them; the tool's have.
        CheckpointException error = Assert.Throws<CheckpointException>(() => ModelFolder.Find("dense-connector-tiny"));

        Assert.Contains("'models/dense-connector-tiny'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Give the folder", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-model")]
    [InlineData("../no-such-model")]
    [InlineData("")]
    public void Find_NeitherFolderNorName_ListsTheCatalog(string name)
    {
        CheckpointException error = Assert.Throws<CheckpointException>(() => ModelFolder.Find(name));

        Assert.Equal(name, error.File);
        Assert.Contains("neither a folder nor a repository (owner/name) nor a model of the " +
            "catalog", error.Message, StringComparison.Ordinal);
        Assert.Contains("dense-connector-tiny", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_File_IsNoModel()
    {
        using TemporaryFolder folder = new();

        Assert.Throws<CheckpointException>(() => ModelFolder.Find(folder.Write("model.safetensors", [])));
    }
}
