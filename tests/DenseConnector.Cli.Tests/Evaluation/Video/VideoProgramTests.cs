using System.Diagnostics;
using System.Globalization;
using DenseConnector.Cli.Evaluation.Video;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.Video;

[Trait("Suite", "Evaluation")]
public sealed class VideoProgramTests
{
    [Fact]
    public async Task RunAsync_ProgramThatIsMissing_SaysHowToInstallIt()
    {
        IOException error = await Assert.ThrowsAsync<IOException>(
            () => new VideoProgram("no-such-program").RunAsync("a.mp4", [], CancellationToken.None));
        Assert.Contains("no-such-program", error.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install ffmpeg", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Require_ProgramThatIsMissing_SaysHowToInstallIt()
    {
        IOException error = Assert.Throws<IOException>(() => new VideoProgram("no-such-program").Require());
        Assert.Contains("apt-get install ffmpeg", error.Message, StringComparison.Ordinal);
    }

    [FfmpegFact]
    public void Require_ProgramThatIsThere_IsQuiet() => VideoProgram.Probe.Require();

    [UnixFact]
    public async Task RunAsync_Cancelled_EndsTheProgram()
    {
        using TemporaryFolder folder = new();
        string sign = Path.Combine(folder.Path, "pid");
        using CancellationTokenSource source = new();
        Task run = new VideoProgram("bash").RunAsync(
            "a.mp4", ["-c", "echo $$ > \"$0\"; exec sleep 1000", sign], source.Token);
        while (!File.Exists(sign) || !File.ReadAllText(sign).EndsWith('\n'))
        {
            await Task.Delay(10);
        }

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromMinutes(1)));
        int id = int.Parse(File.ReadAllText(sign), CultureInfo.InvariantCulture);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
    }
}
