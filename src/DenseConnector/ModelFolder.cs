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

    /// <summary>Resolves a folder's path or a catalog name.</summary>
    /// <exception cref="CheckpointException">It is neither, or the catalog's model is not on this machine.</exception>
    public static ModelFolder Find(string model)
    {
        if (Directory.Exists(model))
        {
            return new ModelFolder(model, model, null);
        }

        CatalogEntry entry = ModelCatalog.Find(model) ?? throw Unknown(model);
        string bundled = System.IO.Path.Combine(AppContext.BaseDirectory, BundledFolder, entry.Name);
        if (Directory.Exists(bundled))
        {
            return new ModelFolder(model, bundled, entry);
        }

        throw new CheckpointException(
            model,
            entry.Published
                ? $"is not on this machine (looked for '{BundledFolder}/{entry.Name}' beside the application). " +
                    "Give the folder of a downloaded checkpoint."
                : "is announced by its authors, but its weights are not published.");
    }

    private static CheckpointException Unknown(string model)
    {
        IEnumerable<string> known = ModelCatalog.Entries.Where(entry => entry.Published).Select(entry => entry.Name);
        return new CheckpointException(
            model,
            "is neither a folder nor a model of the catalog. Give the folder that holds the checkpoint's " +
            $"config.json, or one of: {string.Join(", ", known)}.");
    }
}
