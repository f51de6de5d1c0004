using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>
/// How a judge is asked to take the answer out of a model's text, where <see cref="MathVistaExtraction"/> finds none
/// (<c>extract_answer.py</c>).
/// </summary>
internal static class MathVistaJudge
{
    /// <summary>The judge of the official script.</summary>
    public const string Model = "gpt-4-0613";

    /// <summary>
    /// How often a judge that replies nothing is asked, for which the official script has the patience of ten million
    /// tries; nothing is extracted then, as there.
    /// </summary>
    public const int Tries = 10;

    private const int MaxTokens = 256;
    private const double Temperature = 0;

    private static readonly string Examples = string.Join("\n\n",
        "Please read the following example. Then extract the answer from the model response and type it at the end " +
        "of the prompt.",
        Example(
            "requiring an integer answer and provide the final value, e.g., 1, 2, 3",
            "Which number is missing?",
            "The number missing in the sequence is 14.",
            "14"),
        Example(
            "requiring a floating-point number with one decimal place and provide the final value, e.g., 1.2, 1.3, 1.4",
            "What is the fraction of females facing the camera?",
            "The fraction of females facing the camera is 0.6, which means that six out of ten females in the group " +
            "are facing the camera.",
            "0.6"),
        Example(
            "requiring a floating-point number with two decimal places and provide the final value, e.g., 1.23, " +
            "1.34, 1.45",
            "How much money does Luca need to buy a sour apple candy and a butterscotch candy? (Unit: $)",
            "Luca needs $1.45 to buy a sour apple candy and a butterscotch candy.",
            "1.45"),
        Example(
            "requiring a Python list as an answer and provide the final list, e.g., [1, 2, 3], [1.2, 1.3, 1.4]",
            "Between which two years does the line  graph saw its maximum peak?",
            "The line graph saw its maximum peak between 2007 and 2008.",
            "[2007, 2008]"),
        Example(
            "and provide the correct option letter, e.g., A, B, C, D",
            "What fraction of the shape is blue?\nChoices:\n(A) 3/11\n(B) 8/11\n(C) 6/11\n(D) 3/5",
            "The correct answer is (B) 8/11.",
            "B"));

    /// <summary>Asks about an answer until something is replied.</summary>
    /// <param name="item">The answer's id.</param>
    /// <param name="query">What the model was asked.</param>
    /// <param name="response">What it answered.</param>
    /// <param name="model">The judge's name.</param>
    public static JudgeTask Task(string item, string query, string response, string model = Model)
    {
        string content = $"{Examples}\n\n{query}\n\n{response}\n\nExtracted answer: ";
        JudgeRequest request = new(model, [JudgeMessage.User(content)], Temperature, MaxTokens);
        return JudgeTask.UntilAccepted(item, request, Tries, MathVistaExtraction.IsDone);
    }

    /// <summary>The extracted answer.</summary>
    public static string Extraction(JudgedItem judged) => PythonText.Strip(judged.Replies[^1].Text);

    private static string Example(string hint, string question, string response, string answer) =>
        $"Hint: Please answer the question {hint}, at the end.\nQuestion: {question}\n\n" +
        $"Model response: {response}\n\nExtracted answer: {answer}";
}
