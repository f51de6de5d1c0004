using System.Numerics;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>The score of a set of short questions about videos (<c>eval_video_qa</c>).</summary>
/// <param name="Yes">How many answers are right.</param>
/// <param name="No">How many are wrong; what is said to be neither is in no number.</param>
/// <param name="AverageScore">The mean score; where a verdict has none it counts as 0.</param>
internal sealed record VideoQaScore(int Yes, int No, double AverageScore)
{
    /// <summary>The share of right answers; no number if the judge calls none right or wrong.</summary>
    public double Accuracy => (double)Yes / (Yes + No);

    /// <summary>Counts the verdicts of all items that have not failed.</summary>
    public static VideoQaScore Of(IEnumerable<VideoVerdict> verdicts)
    {
        int count = 0;
        BigInteger sum = 0;
        List<bool> right = [];
        foreach (VideoVerdict verdict in verdicts)
        {
            count++;
            if (verdict.Score() is BigInteger score)
            {
                sum += score;
                right.AddRange(verdict.IsRight() is bool isRight ? [isRight] : []);
            }
        }

        return new VideoQaScore(right.Count(isRight => isRight), right.Count(isRight => !isRight), (double)sum / count);
    }

    /// <summary>The lines that the official script prints.</summary>
    public string Report() =>
        $"Yes count: {Yes}\nNo count: {No}\nAccuracy: {PythonNumber.Repr(Accuracy)}\n" +
        $"Average score: {PythonNumber.Repr(AverageScore)}\n";
}
