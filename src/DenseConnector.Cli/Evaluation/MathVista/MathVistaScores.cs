using System.Globalization;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>The scores of MathVista: of all answers and of every group of each kind.</summary>
internal static class MathVistaScores
{
    /// <summary>The score of all answers, in the shortest digits of at most two decimals.</summary>
    public static MathVistaScore Average(IReadOnlyCollection<MathVistaResult> results)
    {
        int correct = results.Count(result => result.IsRight);
        double percent = PythonFloat.Round((double)correct / results.Count * 100, 2);
        return new MathVistaScore(PythonNumber.Repr(percent), correct, results.Count);
    }

    /// <summary>The scores of the groups of a kind, the best first; equal ones as the answers name them.</summary>
    public static IReadOnlyList<(string Group, MathVistaScore Score)> Of(
        IReadOnlyCollection<MathVistaResult> results, string kind) =>
        [.. results
            .SelectMany(result => result.Groups
                .Where(group => group.Kind == kind)
                .Distinct()
                .Select(group => (group.Group, result.IsRight)))
            .GroupBy(result => result.Group)
            .Select(group => (Group: group.Key, Score: Score([.. group.Select(result => result.IsRight)])))
            .OrderByDescending(row => double.Parse(row.Score.Accuracy, CultureInfo.InvariantCulture))];

    private static MathVistaScore Score(bool[] areRight)
    {
        int correct = areRight.Count(isRight => isRight);
        double percent = (double)correct / areRight.Length * 100;
        return new MathVistaScore(PythonNumber.Fixed(percent, 2), correct, areRight.Length);
    }
}
