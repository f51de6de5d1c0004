using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace DenseConnector.Hub;

/// <summary>The name of a model's repository on the hub: <c>owner/name</c>.</summary>
/// <remarks>
/// The rule is the hub's own (huggingface_hub, <c>utils/_validators.py</c>, <c>validate_repo_id</c>), without its old
/// names of one part. It leaves no room for paths: a name can be used in an address and as a folder as it is.
/// </remarks>
/// <param name="Owner">The user or organisation.</param>
/// <param name="Name">The model.</param>
internal sealed partial record RepositoryName(string Owner, string Name)
{
    private const int MaxLength = 96;

    /// <summary>The repository's folder in the cache.</summary>
    public string FolderName => $"models--{Owner}--{Name}";

    /// <summary>Takes a text apart if it is a repository's name.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RepositoryName? repository)
    {
        repository = null;
        if (text is null || text.Length > MaxLength || text.Split('/') is not [string owner, string name] ||
            !Part().IsMatch(owner) || !Part().IsMatch(name) || name.EndsWith(".git", StringComparison.Ordinal))
        {
            return false;
        }

        repository = new RepositoryName(owner, name);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Owner}/{Name}";

    // Letters, digits, '_', '-' and '.'; neither '-' nor '.' at an end or twice in a row: "--" joins a folder's name.
    [GeneratedRegex(@"\A(?!.*(?:--|\.\.))[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\z")]
    private static partial Regex Part();
}
