using System.Globalization;

namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>The mean of the verdicts on the answers so far.</summary>
internal sealed class RunningMean
{
    private double _sum;
    private int _count;

    /// <summary>The mean in percent; <c>null</c> without a verdict.</summary>
    public double? Percent => _count == 0 ? null : 100 * _sum / _count;

    /// <summary>Takes an answer into account if there is a verdict on it.</summary>
    public void Add(EvaluationItem item, IReadOnlyList<string> answer)
    {
        if (item.Judge?.Invoke(answer[0]) is Verdict verdict)
        {
            _sum += verdict.Score;
            _count++;
        }
    }

    /// <summary>The mean for people; empty without a verdict.</summary>
    public string Describe() =>
        Percent is double percent ? string.Create(CultureInfo.InvariantCulture, $"{percent:F2} % right so far") : "";
}
