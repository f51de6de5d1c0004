namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>Decides which answers to questions of MMMU are right.</summary>
internal static class MmmuJudge
{
    /// <summary>Whether a letter is one of the right ones, to the letter.</summary>
    public static bool IsChoiceRight(string letter, IReadOnlyList<string> right) => right.Contains(letter);

    /// <summary>Whether any value of an open answer meets a right one.</summary>
    public static bool IsOpenRight(IReadOnlyList<MmmuValue> values, IReadOnlyList<string> right)
    {
        MmmuValue[] expected = [.. right.SelectMany(MmmuValue.Normalize)];
        return values.Any(value => expected.Any(value.Meets));
    }
}
