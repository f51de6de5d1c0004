namespace DenseConnector.Cli.Captioning;

/// <summary>The pictures of a folder, in an order that does not depend on the file system.</summary>
internal static class PictureFolder
{
    private static readonly string[] Endings = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"];

    /// <summary>Finds files that are pictures by their names.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="recursive">Whether folders inside are searched, too.</param>
    /// <returns>Paths below the folder, with forward slashes, in ordinal order.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has no pictures.</exception>
    public static IReadOnlyList<string> Find(string folder, bool recursive)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{folder}: is no folder; name the one the pictures are in.");
        }

        EnumerationOptions search = new() { RecurseSubdirectories = recursive, IgnoreInaccessible = false };
        string[] found =
        [
            .. Directory.EnumerateFiles(folder, "*", search)
                .Where(file => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                .Select(file => Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'))
                .Order(StringComparer.Ordinal),
        ];
        return found.Length > 0 ? found : throw new FileNotFoundException(
            $"{folder}: has no files named {string.Join(", ", Endings.Select(ending => $"*{ending}"))}" +
            $"{(recursive ? string.Empty : "; --recursive searches the folders in it, too")}.");
    }
}
