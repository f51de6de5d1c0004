using System.Globalization;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>Numbers the questions about each video, as the official scripts name their results.</summary>
internal sealed class VideoNumbers
{
    private readonly Dictionary<string, int> _counts = [];

    /// <summary>The name of the next question about a video: the video's and a number from 0.</summary>
    public string Next(string video)
    {
        int count = _counts[video] = _counts.GetValueOrDefault(video, -1) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{video}_{count}");
    }
}
