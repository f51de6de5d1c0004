using System.ComponentModel;
using System.Diagnostics;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>A program that reads videos: <c>ffprobe</c> or <c>ffmpeg</c>.</summary>
/// <param name="Name">The program's name, looked for on the PATH.</param>
internal sealed record VideoProgram(string Name)
{
    /// <summary>Counts the frames of a video.</summary>
    public static VideoProgram Probe { get; } = new("ffprobe");

    /// <summary>Decodes frames.</summary>
    public static VideoProgram Decoder { get; } = new("ffmpeg");

    /// <summary>Makes sure that the program can be started.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    public void Require()
    {
        using Process process = Start(["-version"]);
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Runs the program to its end and gives what it printed.</summary>
    /// <param name="video">The video, for messages.</param>
    /// <param name="arguments">The arguments, each as it is: no shell sees them.</param>
    /// <param name="cancellation">Kills the program.</param>
    /// <exception cref="IOException">The program is not installed, or cannot read the video.</exception>
    public async Task<string> RunAsync(
        string video, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        using Process process = Start(arguments);
        try
        {
            // Both are read at once: a program whose messages nobody reads would wait for ever.
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
            await Task.WhenAll(output, error);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0
                ? await output
                : throw new IOException($"{Name} cannot read the video '{video}': {LastLine(await error)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    private Process Start(IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(Name, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception e)
        {
            throw new IOException(
                $"Videos are read with {Name}, which cannot be started: {e.Message} Install FFmpeg ('apt-get install " +
                "ffmpeg', 'brew install ffmpeg' or 'winget install ffmpeg') and put its folder on the PATH.",
                e);
        }
    }

    private string LastLine(string error) =>
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ??
        $"{Name} gives no reason.";
}
