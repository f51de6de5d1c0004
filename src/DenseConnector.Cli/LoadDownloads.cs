namespace DenseConnector.Cli;

/// <summary>Takes the downloads out of the progress of a load.</summary>
/// <param name="target">Gets them.</param>
internal sealed class LoadDownloads(IProgress<DownloadProgress> target) : IProgress<LoadProgress>
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when all files are there and weights are read.</summary>
    public Task Ended => _ended.Task;

    /// <inheritdoc/>
    public void Report(LoadProgress value)
    {
        if (value.Download is DownloadProgress download)
        {
            target.Report(download);
        }
        else
        {
            _ended.TrySetResult();
        }
    }
}
