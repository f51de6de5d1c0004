namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>Finds the videos of a benchmark, and the frames of them that are looked at.</summary>
internal static class VideoFiles
{
    /// <summary>How many frames the official scripts ask for.</summary>
    public const int Frames = 8;

    private const string ActivityNet = "Activitynet";

    // In the order in which the official scripts try them.
    private static readonly string[] Endings = [".mp4", ".avi", ".mov", ".mkv"];

    /// <summary>The file of a video; <c>null</c> if there is none, and its questions are then left out.</summary>
    public static string? Find(string folder, string name) => Endings
        .Select(ending => Path.Combine(folder, name + ending))
        .FirstOrDefault(Path.Exists);

    /// <summary>The file of a video that is asked about in short; those of ActivityNet have a prefix.</summary>
    /// <param name="folder">The folder, by whose path ActivityNet is told, as in the official script.</param>
    /// <param name="name">The video's name in the questions.</param>
    public static string? FindForQuestion(string folder, string name) =>
        Find(folder, folder.Contains(ActivityNet, StringComparison.Ordinal) ? "v_" + name : name);

    /// <summary>Which frames are looked at: unlike the library's rule, a short video gives each frame once.</summary>
    /// <param name="totalFrames">Frames the video has, at least 1.</param>
    /// <param name="wantedFrames">Frames to look at, at least 1.</param>
    public static IReadOnlyList<int> SampleFrames(int totalFrames, int wantedFrames = Frames) =>
        VideoInput.SampleFrames(totalFrames, Math.Min(totalFrames, wantedFrames));
}
