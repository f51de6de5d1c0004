using System.Globalization;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Pope;

/// <summary>How the answers to one category of POPE compare with its labels.</summary>
/// <param name="Category">The category.</param>
/// <param name="Answers">How many answers there are.</param>
/// <param name="SaidYes">How many of them mean yes.</param>
/// <param name="TruePositives">Rightly yes.</param>
/// <param name="FalsePositives">Wrongly yes.</param>
/// <param name="TrueNegatives">Rightly no.</param>
/// <param name="FalseNegatives">Wrongly no.</param>
internal sealed record PopeScore(
    string Category,
    int Answers,
    int SaidYes,
    int TruePositives,
    int FalsePositives,
    int TrueNegatives,
    int FalseNegatives)
{
    /// <summary>The share of right answers.</summary>
    public double Accuracy => (double)(TruePositives + TrueNegatives) /
        (TruePositives + TrueNegatives + FalsePositives + FalseNegatives);

    /// <summary>The share of right ones among the answers that mean yes; not a number if none does.</summary>
    public double Precision => (double)TruePositives / (TruePositives + FalsePositives);

    /// <summary>The share of questions answered yes among those labelled yes; not a number if none is.</summary>
    public double Recall => (double)TruePositives / (TruePositives + FalseNegatives);

    /// <summary>The harmonic mean of <see cref="Precision"/> and <see cref="Recall"/>.</summary>
    public double F1 => 2 * Precision * Recall / (Precision + Recall);

    /// <summary>The share of answers that mean yes.</summary>
    public double YesRatio => (double)SaidYes / Answers;

    /// <summary>The lines that the official script prints.</summary>
    public string Report() => string.Create(CultureInfo.InvariantCulture, $"""
        Category: {Category}, # samples: {Answers}
        TP{'\t'}FP{'\t'}TN{'\t'}FN{'\t'}
        {TruePositives}{'\t'}{FalsePositives}{'\t'}{TrueNegatives}{'\t'}{FalseNegatives}
        Accuracy: {PythonNumber.Repr(Accuracy)}
        Precision: {PythonNumber.Repr(Precision)}
        Recall: {PythonNumber.Repr(Recall)}
        F1 score: {PythonNumber.Repr(F1)}
        Yes ratio: {PythonNumber.Repr(YesRatio)}
        {string.Join(", ", new[] { F1, Accuracy, Precision, Recall, YesRatio }.Select(x => PythonNumber.Fixed(x, 3)))}
        ====================================

        """).ReplaceLineEndings("\n");
}
