namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>How many answers of a group are right.</summary>
/// <param name="Accuracy">The share of right ones in percent, as the official script writes it.</param>
/// <param name="Correct">The number of right ones.</param>
/// <param name="Total">The number of answers.</param>
internal sealed record MathVistaScore(string Accuracy, int Correct, int Total);
