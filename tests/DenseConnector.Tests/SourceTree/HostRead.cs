namespace DenseConnector.Tests.SourceTree;

/// <summary>A place where a module may read a tensor's values to the host: in a constructor, once.</summary>
/// <param name="File">The file, relative to the library's folder.</param>
/// <param name="Member">The tensor's member it reads with.</param>
/// <param name="Reason">Why it must.</param>
internal sealed record HostRead(string File, string Member, string Reason);
