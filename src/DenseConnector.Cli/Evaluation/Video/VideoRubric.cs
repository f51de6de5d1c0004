using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>By what a judge scores answers about videos.</summary>
/// <param name="Model">The judge of the official script.</param>
/// <param name="Judges">What is said of the judge before its instructions.</param>
/// <param name="Instructions">The instructions, a line each.</param>
/// <param name="Wanted">What the judge is to reply.</param>
/// <param name="Example">How the reply looks.</param>
internal sealed record VideoRubric(
    string Model, string Judges, IReadOnlyList<string> Instructions, string Wanted, string Example)
{
    /// <summary>
    /// How often an answer is asked about until a reply is a Python value; the official scripts ask without end. After
    /// that the item has failed and counts nowhere.
    /// </summary>
    public const int Tries = 10;

    /// <summary>Asks about an answer until a reply is a Python value.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="model">The judge's name; <c>null</c> for the official one.</param>
    public JudgeTask Task(VideoAnswer answer, string? model = null)
    {
        JudgeRequest request = new(model ?? Model, [JudgeMessage.System(System()), JudgeMessage.User(User(answer))]);
        return JudgeTask.UntilAccepted(answer.Key, request, Tries, reply => VideoVerdict.Parse(reply) is not null);
    }

    private string System() =>
        $"You are an intelligent chatbot designed for evaluating {Judges}. Here's how you can accomplish the task:" +
        $"------##INSTRUCTIONS: - {string.Join("\n- ", Instructions)}";

    private string User(VideoAnswer answer) =>
        $"Please evaluate the following video-based question-answer pair:\n\n{Lines(answer)}\n\n" +
        $"Provide your evaluation only as a {Wanted}, not STRING.DO NOT PROVIDE ANY OTHER OUTPUT TEXT OR " +
        "EXPLANATION. Only provide the Python dictionary string. For example, your response should look like this: " +
        $"{Example}.";

    private static string Lines(VideoAnswer answer) => answer.Fields.ContainsKey("q1")
        ? $"Question 1: {answer.Text("q1")}\nQuestion 2: {answer.Text("q2")}\nCorrect Answer: {answer.Text("a")}\n" +
            $"Predicted Answer to Question 1: {answer.Text("pred1")}\n" +
            $"Predicted Answer to Question 2: {answer.Text("pred2")}"
        : $"Question: {answer.Text("q")}\nCorrect Answer: {answer.Text("a")}\n" +
            $"Predicted Answer: {answer.Text("pred")}";
}
