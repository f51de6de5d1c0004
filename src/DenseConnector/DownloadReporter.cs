namespace DenseConnector;

/// <summary>Passes the progress of downloads on to whoever follows a load.</summary>
/// <param name="target">Gets each report as the progress of a load.</param>
internal sealed class DownloadReporter(IProgress<LoadProgress> target) : IProgress<DownloadProgress>
{
    /// <inheritdoc/>
    public void Report(DownloadProgress value) => target.Report(new LoadProgress(0, 0) { Download = value });
}
