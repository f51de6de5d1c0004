namespace DenseConnector.Cli;

/// <summary>Takes the downloads out of the progress of a load.</summary>
/// <param name="target">Gets them.</param>
internal sealed class LoadDownloads(IProgress<DownloadProgress> target) : IProgress<LoadProgress>
{
    /// <inheritdoc/>
    public void Report(LoadProgress value)
    {
        if (value.Download is DownloadProgress download)
        {
            target.Report(download);
        }
    }
}
