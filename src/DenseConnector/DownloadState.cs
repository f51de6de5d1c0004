namespace DenseConnector;

/// <summary>What is being done for a file of a download.</summary>
public enum DownloadState
{
    /// <summary>It waits for its turn, or for another process that downloads the same file.</summary>
    Waiting,

    /// <summary>Its bytes are coming in.</summary>
    Downloading,

    /// <summary>It is complete and its hash was right.</summary>
    Complete,
}
