namespace DenseConnector;

/// <summary>A snapshot of a repository in the hub's cache.</summary>
/// <param name="Repository">The repository, <c>owner/name</c>.</param>
/// <param name="Revision">The branch, tag or commit that was asked for.</param>
/// <param name="Commit">The commit it stands for.</param>
/// <param name="Folder">The snapshot's folder.</param>
internal sealed record HubSource(string Repository, string Revision, string Commit, string Folder);
