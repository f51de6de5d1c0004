using System.Globalization;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>A video file, of which some frames are looked at.</summary>
/// <param name="Path">The file.</param>
internal sealed record VideoFile(string Path) : VisualSource
{
    // With the protocol a name with a colon stays a file's name.
    private string Source => "file:" + System.IO.Path.GetFullPath(Path);

    /// <summary>Decodes the frames that <see cref="VideoFiles.SampleFrames"/> names, by their index.</summary>
    public override async Task<VisualInput> LoadAsync(CancellationToken cancellation)
    {
        if (!File.Exists(Path))
        {
            throw new IOException($"There is no video '{Path}'.");
        }

        IReadOnlyList<int> wanted = VideoFiles.SampleFrames(await CountAsync(cancellation));
        int[] indices = [.. wanted.Distinct()];
        IReadOnlyList<ImageInput> frames = await DecodeAsync(indices, cancellation);
        return new VideoInput([.. wanted.Select(index => frames[Array.IndexOf(indices, index)])]);
    }

    /// <summary>Counts the frames by decoding them: what the file says of itself may be wrong.</summary>
    private async Task<int> CountAsync(CancellationToken cancellation)
    {
        string count = await VideoProgram.Probe.RunAsync(
            Path,
            [
                "-v", "error", "-select_streams", "v:0", "-count_frames", "-show_entries", "stream=nb_read_frames",
                "-of", "default=nokey=1:noprint_wrappers=1", Source,
            ],
            cancellation);

        // A container with programs lists its streams twice.
        string first = count.Split('\n', 2)[0];
        return int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int frames) && frames > 0
            ? frames
            : throw new IOException($"The video '{Path}' has no frame that can be decoded.");
    }

    private async Task<IReadOnlyList<ImageInput>> DecodeAsync(int[] indices, CancellationToken cancellation)
    {
        string select = string.Join('+', indices.Select(index => FormattableString.Invariant($"eq(n,{index})")));
        string folder = Directory.CreateTempSubdirectory("denseconnector-").FullName;
        try
        {
            await VideoProgram.Decoder.RunAsync(
                Path,
                [
                    "-v", "error", "-nostdin", "-i", Source, "-map", "0:v:0", "-vf", $"select='{select}'",
                    "-fps_mode", "passthrough", "-frames:v", FormattableString.Invariant($"{indices.Length}"),
                    "-c:v", "png", "-pix_fmt", "rgb24", System.IO.Path.Combine(folder, "%d.png"),
                ],
                cancellation);
            List<ImageInput> frames = [];
            for (int number = 1; number <= indices.Length; number++)
            {
                string frame = System.IO.Path.Combine(folder, FormattableString.Invariant($"{number}.png"));
                frames.Add(File.Exists(frame)
                    ? await ImageInput.LoadAsync(frame, cancellationToken: cancellation)
                    : throw new IOException($"The video '{Path}' breaks off before frame {indices[number - 1]}."));
            }

            return frames;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
