using DenseConnector.Catalog;

namespace DenseConnector;

/// <summary>What a user called a model, resolved to a folder on this machine.</summary>
/// <param name="Name">The name as the user gave it.</param>
/// <param name="Path">The checkpoint folder.</param>
/// <param name="Entry">The catalog row, if the model was named by it.</param>
internal sealed record ModelFolder(string Name, string Path, CatalogEntry? Entry)
{
    /// <summary>Where models that come with an application lie, relative to it.</summary>
    private const string BundledFolder = "models";

    /// <summary>Finds a model that is on this machine: a folder's path, or a catalog name.</summary>
    /// <exception cref="CheckpointException">It is neither, or the catalog's model is not on this machine.</exception>
    public static ModelFolder Find(string model) => FindLocal(model) ?? throw NotFound(model);

    /// <summary>Finds a model that is on this machine, or gives <c>null</c>.</summary>
    public static ModelFolder? FindLocal(string model)
    {
        if (Directory.Exists(model))
        {
            return new ModelFolder(model, model, null);
        }

        CatalogEntry? entry = ModelCatalog.Find(model);
        string? bundled =
            entry is null ? null : System.IO.Path.Combine(AppContext.BaseDirectory, BundledFolder, entry.Name);
        return bundled is not null && Directory.Exists(bundled) ? new ModelFolder(model, bundled, entry) : null;
    }

    /// <summary>The error for a model that is nowhere to be found.</summary>
    public static CheckpointException NotFound(string model)
    {
        if (ModelCatalog.Find(model) is CatalogEntry entry)
        {
            return new CheckpointException(
                model,
                entry.Published
                    ? $"is not on this machine (looked for '{BundledFolder}/{entry.Name}' beside the application). " +
                        "Give the folder of a downloaded checkpoint."
                    : "is announced by its authors, but its weights are not published.");
        }

        IEnumerable<string> known = ModelCatalog.Entries.Where(row => row.Published).Select(row => row.Name);
        return new CheckpointException(
            model,
            "is neither a folder nor a repository (owner/name) nor a model of the catalog. Give the folder that " +
            $"holds the checkpoint's config.json, or one of: {string.Join(", ", known)}.");
    }
}
