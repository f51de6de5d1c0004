namespace DenseConnector.Cli.Evaluation.TextVqa;

/// <summary>How far an answer agrees with those of ten people.</summary>
internal static class SoftAccuracy
{
    /// <summary>How many people answered each question.</summary>
    public const int Annotators = 10;

    private const double Enough = 3;

    /// <summary>
    /// Scores a normalised answer: for each of the people the share of three others who gave it, one at most; the mean
    /// of the ten.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="given">The normalised answers of the people.</param>
    public static double Score(string answer, IReadOnlyList<string> given)
    {
        if (given.Count != Annotators)
        {
            throw new ArgumentException($"There are {given.Count} answers of people, expected {Annotators}.");
        }

        int matches = given.Count(other => other == answer);
        return matches == 0
            ? 0
            : given.Sum(own => Math.Min(1, (own == answer ? matches - 1 : matches) / Enough)) / Annotators;
    }
}
