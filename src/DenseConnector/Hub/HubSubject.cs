namespace DenseConnector.Hub;

/// <summary>What a request asks for, as errors name it.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Revision">The branch, tag or commit as the user named it.</param>
/// <param name="File">The file, or <c>null</c> for the list of files.</param>
internal sealed record HubSubject(RepositoryName Repository, string Revision, string? File = null);
