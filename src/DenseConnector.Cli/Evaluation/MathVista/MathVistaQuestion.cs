namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>A question of MathVista, as far as it decides the prompt and the comparison.</summary>
/// <param name="Question">The question itself.</param>
/// <param name="Choices">What there is to choose from; <c>null</c> for a free answer.</param>
/// <param name="Unit">The unit of the answer; <c>null</c> if it has none.</param>
/// <param name="AnswerType">Of what kind the answer is: text, integer, float or list.</param>
/// <param name="Precision">How many decimals the answer has; <c>null</c> if that is not said.</param>
internal sealed record MathVistaQuestion(
    string Question, IReadOnlyList<string>? Choices, string? Unit, string AnswerType, double? Precision)
{
    /// <summary>The question type of items that have choices.</summary>
    public const string MultipleChoice = "multi_choice";
}
