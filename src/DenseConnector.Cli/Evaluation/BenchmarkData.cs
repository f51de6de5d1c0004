namespace DenseConnector.Cli.Evaluation;

/// <summary>
/// The data folder of a benchmark, laid out as the official instructions say: either the benchmark's own, or the one
/// that holds those of all benchmarks.
/// </summary>
internal sealed class BenchmarkData
{
    private readonly Benchmark _benchmark;
    private readonly List<string> _notes = [];

    /// <summary>Takes a folder.</summary>
    /// <param name="benchmark">The benchmark.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="images">Where the pictures are, if elsewhere.</param>
    /// <exception cref="IOException">A folder does not exist.</exception>
    public BenchmarkData(Benchmark benchmark, string folder, string? images = null)
    {
        foreach (string given in new[] { folder, images ?? folder })
        {
            if (!Directory.Exists(given))
            {
                throw new IOException($"There is no folder '{given}'.");
            }
        }

        _benchmark = benchmark;
        GivenImages = images;
        string inner = Path.Combine(folder, benchmark.FolderName);
        Folder = Directory.Exists(inner) ? inner : folder;
    }

    /// <summary>The benchmark's own folder.</summary>
    public string Folder { get; }

    /// <summary>The folder of the pictures that the user named.</summary>
    public string? GivenImages { get; }

    /// <summary>What was noticed about the data that the user should know.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Tells the user something about the data.</summary>
    public void Note(string note) => _notes.Add(note);

    /// <summary>The path of a file that must be there.</summary>
    /// <exception cref="IOException">It is not.</exception>
    public string Find(DataFile file) => TryFind(file) ?? throw Missing([file]);

    /// <summary>The path of a file, or <c>null</c> where it is missing.</summary>
    public string? TryFind(DataFile file) => FindAll(file) is [string first, ..] ? first : null;

    /// <summary>The paths of all files for which the first name stands under which there are some.</summary>
    public IReadOnlyList<string> FindAll(DataFile file) =>
        file.Names.Select(Matches).FirstOrDefault(found => found.Length > 0) ?? [];

    /// <summary>The folder of the pictures.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public string Images => GivenImages ?? Find(_benchmark.ImageFolder!);

    /// <summary>Refuses a folder that lacks something, and names all of it at once.</summary>
    /// <exception cref="IOException">Something is missing.</exception>
    public void Require()
    {
        DataFile[] missing = [.. _benchmark.Files
            .Where(file => !file.IsOptional && (file != _benchmark.ImageFolder || GivenImages is null))
            .Where(file => TryFind(file) is null)];
        if (missing.Length > 0)
        {
            throw Missing(missing);
        }
    }

    private string[] Matches(string name)
    {
        IEnumerable<string> found = [Folder];
        foreach (string part in name.Split('/'))
        {
            found = part.Contains('*', StringComparison.Ordinal)
                ? found.Where(Directory.Exists).SelectMany(path => Directory.EnumerateFileSystemEntries(path, part))
                : found.Select(path => Path.Combine(path, part)).Where(Path.Exists);
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    private IOException Missing(IReadOnlyList<DataFile> files) => new(
        $"{_benchmark.Title}: '{Folder}' lacks " + string.Join("; ", files.Select(file =>
            $"'{string.Join("' or '", file.Names)}' ({file.Content}; from {file.Origin})")) + ".");
}
