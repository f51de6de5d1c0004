namespace DenseConnector.Hub;

/// <summary>What the hub says of one file before it is downloaded.</summary>
/// <param name="Name">Its name within the repository.</param>
/// <param name="Hash">Its hash, by which the cache names it: SHA-256, or SHA-1 of the git blob.</param>
/// <param name="Size">Its length in bytes.</param>
internal sealed record HubFile(string Name, string Hash, long Size);
