namespace DenseConnector;

/// <summary>How far a load has come.</summary>
/// <param name="BytesRead">Bytes of weights read so far.</param>
/// <param name="TotalBytes">Bytes of weights the model needs; 0 as long as files are being downloaded.</param>
public sealed record LoadProgress(long BytesRead, long TotalBytes)
{
    /// <summary>The file being downloaded, or <c>null</c> once all files are there and weights are read.</summary>
    public DownloadProgress? Download { get; init; }
}
