using DenseConnector.Cli.Evaluation.Video;
using DenseConnector.Cli.Tests.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.Video;

[Trait("Suite", "Evaluation")]
public sealed class VideoFileTests : IDisposable
{
    private readonly JudgingFolder _folder = new();

    [FfmpegFact]
    public async Task LoadAsync_Videos_TakesTheFramesOfTheReference()
    {
        // The last one needs a frame twice; the name is one that a shell or a protocol would read otherwise.
        foreach (int total in new[] { 33, 9, 8, 3, 1 })
        {
            string path = _folder.Write($"-a:b $(x) 'q' %d {total}.mkv", string.Empty);
            File.Delete(path);
            string plain = Path.Combine(Path.GetDirectoryName(path)!, $"plain{total}.mkv");
            await TestVideo.WriteAsync(plain, total);
            File.Move(plain, path);
            VideoInput video = Assert.IsType<VideoInput>(
                await new VideoFile(path).LoadAsync(CancellationToken.None));
            Assert.Equal(VideoFiles.SampleFrames(total), video.Frames.Select(TestVideo.IndexOf));
            Assert.All(video.Frames, frame => Assert.Equal((16, 8), (frame.Width, frame.Height)));
        }
    }

    [FfmpegFact]
    public async Task LoadAsync_BrokenVideo_SaysSo()
    {
        string path = _folder.Write("broken.mp4", "no video");
        IOException error = await Assert.ThrowsAsync<IOException>(
            () => new VideoFile(path).LoadAsync(CancellationToken.None));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("ffprobe", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_MissingVideo_SaysSo()
    {
        IOException error = await Assert.ThrowsAsync<IOException>(
            () => new VideoFile("missing.mp4").LoadAsync(CancellationToken.None));
        Assert.Equal("There is no video 'missing.mp4'.", error.Message);
    }

    public void Dispose() => _folder.Dispose();
}
