namespace DenseConnector.Cli.Evaluation.Gqa;

/// <summary>The accuracy over one kind of GQA's questions.</summary>
/// <param name="Percent">The share of right answers in percent; 0 without a question.</param>
/// <param name="Questions">How many questions there are.</param>
internal sealed record GqaShare(double Percent, int Questions)
{
    /// <summary>Counts the right answers.</summary>
    public static GqaShare Of(IReadOnlyCollection<GqaQuestion> questions) => new(
        (double)questions.Count(question => question.IsCorrect) / Math.Max(questions.Count, 1) * 100,
        questions.Count);
}
