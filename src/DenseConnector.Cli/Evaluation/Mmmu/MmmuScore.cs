using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>How many answers of MMMU are right.</summary>
/// <param name="Count">The number of answers.</param>
/// <param name="Accuracy">The share of right ones.</param>
internal sealed record MmmuScore(int Count, double Accuracy)
{
    // As many decimals as the official table has.
    private const int Places = 3;

    /// <summary>The score of judged answers.</summary>
    public static MmmuScore Of(IReadOnlyCollection<bool> areRight) =>
        new(areRight.Count, areRight.Count == 0 ? 0 : (double)areRight.Count(isRight => isRight) / areRight.Count);

    /// <summary>The score of all answers of several subjects.</summary>
    public static MmmuScore Of(IReadOnlyCollection<MmmuScore> subjects)
    {
        // Summed as the official script does it, for the same last digit.
        int count = subjects.Sum(subject => subject.Count);
        double right = subjects.Sum(subject => subject.Accuracy * subject.Count);
        return new MmmuScore(count, count == 0 ? 0 : right / count);
    }

    /// <summary>The score as the table shows it.</summary>
    public MmmuScore Rounded() => this with { Accuracy = PythonFloat.Round(Accuracy, Places) };
}
