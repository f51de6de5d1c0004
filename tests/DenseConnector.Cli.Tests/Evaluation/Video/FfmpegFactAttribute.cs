namespace DenseConnector.Cli.Tests.Evaluation.Video;

/// <summary>A test that decodes videos.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FfmpegFactAttribute : FactAttribute
{
    public FfmpegFactAttribute()
    {
        if (!IsThere("ffmpeg") || !IsThere("ffprobe"))
        {
            Skip = "needs ffmpeg and ffprobe, which are not on the PATH";
        }
    }

    private static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .SelectMany(folder => new[] { program, program + ".exe" }.Select(name => Path.Combine(folder, name)))
        .Any(File.Exists);
}
