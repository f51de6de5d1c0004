namespace DenseConnector.Hub;

/// <summary>What a repository holds at one revision.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Revision">The branch, tag or commit that was asked for.</param>
/// <param name="Commit">The commit it stands for, 40 hexadecimal digits.</param>
/// <param name="Files">
/// The files' names, relative to the repository. Names that could not lie in a cache are left out.
/// </param>
internal sealed record HubListing(
    RepositoryName Repository, string Revision, string Commit, IReadOnlyList<string> Files);
