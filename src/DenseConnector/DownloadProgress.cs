namespace DenseConnector;

/// <summary>How far the download of one file has come.</summary>
/// <param name="Repository">The repository, <c>owner/name</c>.</param>
/// <param name="File">The file within the repository.</param>
/// <param name="BytesDone">Bytes that are on this machine, those of an earlier, broken download included.</param>
/// <param name="TotalBytes">Bytes the file has.</param>
/// <param name="State">What is being done.</param>
public sealed record DownloadProgress(
    string Repository, string File, long BytesDone, long TotalBytes, DownloadState State);
