namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>What the model is asked for a question of MathVista: a hint, the question and its choices.</summary>
internal static class MathVistaPrompt
{
    /// <summary>The lines of the prompt.</summary>
    /// <param name="question">The question.</param>
    /// <param name="isMultipleChoice">Whether its answer is the letter of a choice.</param>
    public static string For(MathVistaQuestion question, bool isMultipleChoice)
    {
        string unit = string.IsNullOrEmpty(question.Unit) ? string.Empty : $" (Unit: {question.Unit})";
        string hint = isMultipleChoice ? "and provide the correct option letter, e.g., A, B, C, D" : Wanted(question);
        IEnumerable<string> lines =
            [$"Hint: Please answer the question {hint}, at the end.", $"Question: {question.Question}{unit}"];
        if (question.Choices is { Count: > 0 } choices)
        {
            lines = [.. lines, "Choices:", .. choices.Select((choice, i) => $"({(char)('A' + i)}) {choice}")];
        }

        return string.Join('\n', lines);
    }

    private static string Wanted(MathVistaQuestion question) => (question.AnswerType, question.Precision) switch
    {
        ("integer", _) => "requiring an integer answer and provide the final value, e.g., 1, 2, 3",
        ("float", 1) => "requiring a floating-point number with one decimal place and provide the final value, " +
            "e.g., 1.2, 1.3, 1.4",
        ("float", 2) => "requiring a floating-point number with two decimal places and provide the final value, " +
            "e.g., 1.23, 1.34, 1.45",
        ("list", _) => "requiring a Python list as an answer and provide the final list, " +
            "e.g., [1, 2, 3], [1.2, 1.3, 1.4]",
        _ => throw new ArgumentException(
            $"There is no hint for an answer of type '{question.AnswerType}' with {question.Precision} decimals: " +
            "expected an integer, a float of one or two decimals, or a list.",
            nameof(question)),
    };
}
