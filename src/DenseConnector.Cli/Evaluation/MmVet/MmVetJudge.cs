using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.MmVet;

/// <summary>
/// How the judge of MM-Vet is asked for the correctness of an answer, again where the reply is no grade
/// (<c>mm-vet_evaluator.py</c>).
/// </summary>
internal static class MmVetJudge
{
    /// <summary>The judge of the official script.</summary>
    public const string Model = "gpt-4-0613";

    /// <summary>How often an answer is asked about at most; the last reply is not looked at.</summary>
    public const int Tries = 6;

    private const int MaxTokens = 3;
    private const double WarmerByTry = 0.5;
    private const string Insistence = "\nPredict the correctness of the answer (digit): ";
    private const string Equation = "What is x in the equation? | -1 <AND> -5 | ";
    private const string Meme =
        "Can you explain this meme? | This meme is poking fun at the fact that the names of the countries Iceland " +
        "and Greenland are misleading. Despite its name, Iceland is known for its beautiful green landscapes, while " +
        "Greenland is mostly covered in ice and snow. The meme is saying that the person has trust issues because " +
        "the names of these countries do not accurately represent their landscapes. | ";

    private const string Examples =
        "Compare the ground truth and prediction from AI models, to give a correctness score for the prediction. " +
        "<AND> in the ground truth means it is totally right only when all elements in the ground truth are present " +
        "in the prediction, and <OR> means it is totally right when any one element in the ground truth is present " +
        "in the prediction. The correctness score is 0.0 (totally wrong), 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, " +
        "0.9, or 1.0 (totally right). Just complete the last space of the correctness score.\n\nQuestion | Ground " +
        "truth | Prediction | Correctness\n--- | --- | --- | ---\n" +
        Equation + "x = 3 | 0.0\n" +
        Equation + "x = -1 | 0.5\n" +
        Equation + "x = -5 | 0.5\n" +
        Equation + "x = -5 or 5 | 0.5\n" +
        Equation + "x = -1 or x = -5 | 1.0\n" +
        Meme + "The meme talks about Iceland and Greenland. It's pointing out that despite their names, Iceland is " +
        "not very icy and Greenland isn't very green. | 0.4\n" +
        Meme + "The meme is using humor to point out the misleading nature of Iceland's and Greenland's names. " +
        "Iceland, despite its name, has lush green landscapes while Greenland is mostly covered in ice and snow. The " +
        "text 'This is why I have trust issues' is a playful way to suggest that these contradictions can lead to " +
        "distrust or confusion. The humor in this meme is derived from the unexpected contrast between the names of " +
        "the countries and their actual physical characteristics. | 1.0\n\n";

    /// <summary>Asks about an item until a reply is a grade.</summary>
    /// <param name="item">The item.</param>
    /// <param name="model">The judge's name.</param>
    /// <exception cref="IOException">The item lacks something.</exception>
    public static JudgeTask Task(MmVetItem item, string model = Model)
    {
        string content = Content(item);
        return new JudgeTask(item.Id, replies =>
            replies.Count == Tries || (replies.Count > 0 && MmVetGrade.Parse(replies[^1].Text) is not null)
                ? null
                : new JudgeRequest(
                    model,
                    [JudgeMessage.User(replies.Count == 0 ? content : content + Insistence)],
                    Math.Max(replies.Count - 1, 0) * WarmerByTry,
                    MaxTokens));
    }

    private static string Content(MmVetItem item)
    {
        string truth = item.Truth
            .Replace("<AND>", " <AND> ", StringComparison.Ordinal)
            .Replace("<OR>", " <OR> ", StringComparison.Ordinal);
        return $"{Examples}{item.Question.Text("question")} | {truth} | {item.Prediction} | ";
    }
}
