namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>A judged answer of MathVista.</summary>
/// <param name="IsRight">Whether it is right.</param>
/// <param name="Groups">The groups it belongs to: pairs of a kind, such as grade, and the group of that kind.</param>
internal sealed record MathVistaResult(bool IsRight, IReadOnlyList<(string Kind, string Group)> Groups);
