namespace DenseConnector.Tests.Hub;

/// <summary>A file of a <see cref="FakeHub"/>.</summary>
internal sealed record FakeFile(string Name, string Hash, long Size, bool IsLfs);
