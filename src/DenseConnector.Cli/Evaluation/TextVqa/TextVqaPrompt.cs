using System.Text.RegularExpressions;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.TextVqa;

/// <summary>Finds the question in a prompt of TextVQA, by which an answer is joined with its annotation.</summary>
internal static partial class TextVqaPrompt
{
    /// <summary>The question in lower case, or <c>null</c> for a prompt in none of the known layouts.</summary>
    public static string? FindQuestion(string prompt)
    {
        string[] lines = prompt.Split('\n');
        bool hasTokens = prompt.Contains("Reference OCR token: ", StringComparison.Ordinal);
        string? question = prompt switch
        {
            _ when prompt.StartsWith("OCR tokens: ", StringComparison.Ordinal) =>
                Short().Match(prompt) is { Success: true } match ? match.Groups[1].Value : null,
            _ when hasTokens && lines.Length == 3 =>
                lines[prompt.StartsWith("Reference OCR token:", StringComparison.Ordinal) ? 1 : 0],
            _ => lines.Length == 2 ? lines[0] : null,
        };
        return question is null ? null : PythonText.Lower(question);
    }

    [GeneratedRegex("Question: (.*?) Short answer:", RegexOptions.Singleline)]
    private static partial Regex Short();
}
