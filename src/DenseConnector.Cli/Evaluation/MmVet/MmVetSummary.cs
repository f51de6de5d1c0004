namespace DenseConnector.Cli.Evaluation.MmVet;

/// <summary>
/// The scores of MM-Vet of one run of the judge, from 0 to 100: of all answers, by capability, and by the set of
/// capabilities that a question needs.
/// </summary>
/// <param name="Total">The score of all answers.</param>
/// <param name="ByCapability">The score of each capability, that of the most questions first.</param>
/// <param name="ByCapabilitySet">The score of each set, its names in order and joined by <c>+</c>.</param>
internal sealed record MmVetSummary(
    double Total,
    IReadOnlyList<(string Name, double Score)> ByCapability,
    IReadOnlyList<(string Name, double Score)> ByCapabilitySet)
{
    private const int Tenths = 10;

    /// <summary>Averages grades, in their order.</summary>
    public static MmVetSummary Of(IReadOnlyCollection<MmVetGrade> grades) => new(
        Mean(grades.Select(grade => grade.Score)),
        Means(grades.SelectMany(grade => grade.Item.Capabilities.Select(name => (name, grade.Score)))),
        Means(grades.Select(grade => (NameOf(grade.Item.Capabilities), grade.Score))));

    private static string NameOf(IEnumerable<string> capabilities) =>
        string.Join('+', capabilities.Order(StringComparer.Ordinal));

    private static IReadOnlyList<(string Name, double Score)> Means(IEnumerable<(string Name, double Score)> grades) =>
        [.. grades.GroupBy(grade => grade.Name, grade => grade.Score)
            .OrderByDescending(group => group.Count())
            .Select(group => (group.Key, Mean(group)))];

    /// <summary>The mean in percent with one decimal, rounded as numpy does: the tenfold to the even number.</summary>
    private static double Mean(IEnumerable<double> scores)
    {
        double[] all = [.. scores];
        return Math.Round(all.Sum() / all.Length * 100 * Tenths, MidpointRounding.ToEven) / Tenths;
    }
}
