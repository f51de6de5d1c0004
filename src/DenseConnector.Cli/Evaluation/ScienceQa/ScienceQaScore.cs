namespace DenseConnector.Cli.Evaluation.ScienceQa;

/// <summary>The score of one problem of ScienceQA.</summary>
/// <param name="Id">The problem.</param>
/// <param name="Letter">The letter found, or <see cref="ScienceQaLetter.Failed"/>.</param>
/// <param name="Index">The choice it names, or -1.</param>
/// <param name="Truth">The right choice.</param>
/// <param name="Prompt">The question asked.</param>
/// <param name="Answer">The model's answer.</param>
internal sealed record ScienceQaScore(string Id, string Letter, int Index, int Truth, string Prompt, string Answer)
{
    /// <summary>Whether the right choice was found.</summary>
    public bool IsCorrect => Index == Truth;

    /// <summary>Whether a picture belonged to the question.</summary>
    public bool HasImage => Prompt.Contains("<image>", StringComparison.Ordinal);
}
