using DenseConnector.Cli.Evaluation;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation;

[Trait("Suite", "Evaluation")]
public sealed class BenchmarkDataTests : IDisposable
{
    // In an order in which no file system lists them.
    private static readonly int[] Numbers = [5, 2, 8, 1, 9, 3, 7, 4, 6];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void FindAll_NamesWithStars_AreSortedWhereverTheFilesLie()
    {
        string[] names = [.. Numbers.Select(number => $"part-{number}.txt")];
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.Combine(_folder.Path, $"of-{name}"));
            _folder.Write($"of-{name}/{name}", [1]);
        }

        BenchmarkData data = new(Goldens.Find("vizwiz"), _folder.Path);
        Assert.Equal(
            names.Order(StringComparer.Ordinal),
            data.FindAll(new DataFile("parts", "nowhere", "part-*.txt", "of-*/part-*.txt")).Select(Path.GetFileName));
    }

    [Fact]
    public void Folder_OfficialNames_IsTheFirstThatIsThere()
    {
        Benchmark benchmark = BenchmarkCatalog.All.First(benchmark => benchmark.FolderNames.Count > 1);
        Assert.Equal(_folder.Path, new BenchmarkData(benchmark, _folder.Path).Folder);
        foreach (string name in benchmark.FolderNames.Reverse())
        {
            string path = Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
            Assert.Equal(path, new BenchmarkData(benchmark, _folder.Path).Folder);
        }
    }

    public void Dispose() => _folder.Dispose();
}
