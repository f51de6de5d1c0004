using System.Buffers;

namespace DenseConnector.Hub;

/// <summary>
/// The rule that keeps names from a server inside the cache: a file or a revision is a relative path of plain parts.
/// </summary>
internal static class HubPath
{
    private const int MaxLength = 512;
    private const int MaxPartLength = 255;

    // Those of Windows, on every system: a cache can be moved.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("<>:\"\\|?*");

    /// <summary>Why a name is not a plain relative path, or <c>null</c> if it is one.</summary>
    public static string? ProblemOf(string name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return $"has {name.Length} characters, expected 1 to {MaxLength}";
        }

        if (name.Any(char.IsControl) || name.AsSpan().ContainsAny(Forbidden))
        {
            return "has a control character or one of <>:\"\\|?*";
        }

        foreach (string part in name.Split('/'))
        {
            if (part.Length is 0 or > MaxPartLength || part[^1] is '.' or ' ')
            {
                return "is no plain relative path (an empty part, '.', '..', or a part that ends in '.' or a space)";
            }
        }

        return null;
    }

    /// <summary>Whether a text is a hash as the hub writes them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">40 for a commit or a git blob, 64 for SHA-256.</param>
    public static bool IsHash(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);

    /// <summary>The path below a folder.</summary>
    /// <exception cref="ArgumentException">The name is not a plain relative path.</exception>
    public static string Join(string folder, string name)
    {
        string path = Path.GetFullPath(Path.Combine([folder, .. name.Split('/')]));

        // The rule above is enough; this says so where a path is made, whoever calls.
        return ProblemOf(name) is null && path.StartsWith(
            Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new ArgumentException($"'{name}' {ProblemOf(name) ?? "leaves its folder"}.", nameof(name));
    }
}
