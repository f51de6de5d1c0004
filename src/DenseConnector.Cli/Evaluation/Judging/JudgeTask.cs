namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>
/// An item to be judged, and the rule by which the judge is asked: a pure function of the replies so far, so that
/// stored replies lead the same way as new ones.
/// </summary>
/// <param name="Item">The item's name in the file of judgements.</param>
/// <param name="Next">What to ask after some replies; <c>null</c> once they suffice.</param>
internal sealed record JudgeTask(string Item, Func<IReadOnlyList<JudgeReply>, JudgeRequest?> Next)
{
    /// <summary>Asks once, whatever the reply.</summary>
    public static JudgeTask Once(string item, JudgeRequest request) => UntilAccepted(item, request, 1, _ => true);

    /// <summary>Asks the same again until a reply is accepted.</summary>
    /// <param name="item">The item.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="tries">How often it is asked at most.</param>
    /// <param name="isAccepted">Whether a reply will do.</param>
    public static JudgeTask UntilAccepted(
        string item, JudgeRequest request, int tries, Predicate<string> isAccepted) =>
        new(item, replies => replies.Count == tries || (replies.Count > 0 && isAccepted(replies[^1].Text))
            ? null
            : request);
}
