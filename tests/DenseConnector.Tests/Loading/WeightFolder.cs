using DenseConnector.Loading;

namespace DenseConnector.Tests.Loading;

/// <summary>A temporary checkpoint folder with an opened weight file.</summary>
internal sealed class WeightFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public WeightFolder(WeightFile weights)
    {
        weights.Save(_folder.Path);
        Checkpoint = Checkpoint.Open(_folder.Path);
    }

    public string Path => _folder.Path;

    public Checkpoint Checkpoint { get; }

    public void Dispose()
    {
        Checkpoint.Dispose();
        _folder.Dispose();
    }
}
