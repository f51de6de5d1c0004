using System.Globalization;
using DenseConnector.Cli.Evaluation.Video;

namespace DenseConnector.Cli.Tests.Evaluation.Video;

/// <summary>Lossless grey videos, each frame of which tells its index by its brightness.</summary>
internal static class TestVideo
{
    private const int Step = 7;

    /// <summary>Writes a video.</summary>
    public static Task WriteAsync(string path, int frames) => VideoProgram.Decoder.RunAsync(
        path,
        [
            "-v", "error", "-f", "lavfi", "-i",
            string.Create(CultureInfo.InvariantCulture, $"color=black:size=16x8:rate=5,format=gray,geq=lum=N*{Step}"),
            "-frames:v", frames.ToString(CultureInfo.InvariantCulture), "-pix_fmt", "gray", "-c:v", "ffv1", path,
        ],
        CancellationToken.None);

    /// <summary>The index that a frame tells.</summary>
    public static int IndexOf(ImageInput frame) => (int)Math.Round(frame.Pixels.Span[0] / (double)Step);
}
