using DenseConnector.Catalog;
using DenseConnector.Text;

namespace DenseConnector.Tests.Catalog;

public sealed class ModelCatalogTests
{
    [Fact]
    public void Entries_EveryRow_SaysEverything()
    {
        Assert.NotEmpty(ModelCatalog.Entries);
        Assert.All(ModelCatalog.Entries, entry =>
        {
            Assert.False(string.IsNullOrWhiteSpace(entry.Name));
            Assert.False(string.IsNullOrWhiteSpace(entry.Description));
            Assert.False(string.IsNullOrWhiteSpace(entry.License));
            Assert.Contains(entry.PromptTemplate, PromptTemplate.Names);
        });
    }

    [Fact]
    public void Entries_NamesAndRepositories_AreUnique()
    {
        IEnumerable<string> names =
            ModelCatalog.Entries.SelectMany(entry => new[] { entry.Name, entry.Repository }).OfType<string>();

        Assert.Distinct(names, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public void Entries_Names_AreFolderNames() =>
        Assert.All(ModelCatalog.Entries, entry => Assert.Matches("^[a-z0-9][a-z0-9.-]*$", entry.Name));

    [Fact]
    public void Entries_PublishedWithoutARepository_ComeWithTheTool() =>
        Assert.All(
            ModelCatalog.Entries.Where(entry => entry is { Repository: null, Published: true }), entry => Assert.True(
            Directory.Exists(Path.Combine(TestData.Root, "samples", "models", entry.Name))));

    [Fact]
    public void Entries_OnlyAnnounced_HaveNoRepository() =>
        Assert.All(ModelCatalog.Entries.Where(entry => !entry.Published), entry => Assert.Null(entry.Repository));

    [Fact]
    public void Entries_Scores_ArePercentages() => Assert.All(
        ModelCatalog.Entries.SelectMany(entry => entry.Scores.Values), score => Assert.InRange(score, 1, 100));

    [Theory]
    [InlineData("dense-connector-tiny")]
    [InlineData("Dense-Connector-TINY")]
    public void Find_KnownName_IgnoresCase(string name) =>
        Assert.Equal("dense-connector-tiny", ModelCatalog.Find(name)!.Name);

    [Theory]
    [InlineData("")]
    [InlineData("dense-connector")]
    public void Find_UnknownName_GivesNull(string name) => Assert.Null(ModelCatalog.Find(name));
}
