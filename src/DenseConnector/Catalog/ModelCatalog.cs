using System.Reflection;
using System.Text.Json;

namespace DenseConnector.Catalog;

/// <summary>The model zoo: <c>models.json</c>, embedded in the library.</summary>
internal static class ModelCatalog
{
    private static readonly Lazy<IReadOnlyList<CatalogEntry>> LazyEntries = new(Read);

    /// <summary>Every row, in the file's order.</summary>
    public static IReadOnlyList<CatalogEntry> Entries => LazyEntries.Value;

    /// <summary>The row of a name or repository (letter case does not matter), or <c>null</c>.</summary>
    public static CatalogEntry? Find(string name) => Entries.FirstOrDefault(entry =>
        string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase) ||
        string.Equals(entry.Repository, name, StringComparison.OrdinalIgnoreCase));

    private static List<CatalogEntry> Read()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("models.json")!;
        return JsonSerializer.Deserialize<List<CatalogEntry>>(stream)!;
    }
}
