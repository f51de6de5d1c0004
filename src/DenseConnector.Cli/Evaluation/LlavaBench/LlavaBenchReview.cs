using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.LlavaBench;

/// <summary>A judged item of LLaVA-Bench.</summary>
/// <param name="Item">The item.</param>
/// <param name="Reply">What the judge replied.</param>
/// <param name="Scores">
/// The scores of the reference and of the model; <c>null</c> where the reply is not formed as it must be, which counts
/// as −1 for both.
/// </param>
internal sealed record LlavaBenchReview(
    LlavaBenchItem Item, string Reply, (double Reference, double Model)? Scores)
{
    private const int Error = -1;
    private const int Best = 10;

    /// <summary>The scores as they are averaged.</summary>
    public (double Reference, double Model) Counted => Scores ?? (Error, Error);

    /// <summary>Joins items with what was replied about them.</summary>
    public static IReadOnlyList<LlavaBenchReview> Of(
        IEnumerable<LlavaBenchItem> items, IEnumerable<JudgedItem> judged) =>
        [.. items.Zip(judged, (item, judgement) =>
        {
            string reply = judgement.Replies[^1].Text;
            return new LlavaBenchReview(item, reply, ParseScores(reply));
        })];

    /// <summary>
    /// The two numbers of the first line, apart by one space or comma; <c>null</c> for all else (<c>parse_score</c>).
    /// </summary>
    public static (double Reference, double Model)? ParseScores(string reply)
    {
        string[] parts = reply.Split('\n')[0].Replace(',', ' ').Split(' ');
        return parts.Length == 2 && PythonFloat.Parse(parts[0]) is double reference &&
            PythonFloat.Parse(parts[1]) is double model
                ? (reference, model)
                : null;
    }

    /// <summary>The judge's score of the answer as a share, beside that of the reference.</summary>
    public Verdict Verdict() => Scores is (double reference, double model)
        ? new Verdict(model / Best, Of10(model), $"the reference: {Of10(reference)}")
        : new Verdict(0, "no scores in the judge's reply", "two scores");

    /// <summary>The file of reviews that the official script writes.</summary>
    /// <exception cref="IOException">An item lacks something.</exception>
    public static string Write(IEnumerable<LlavaBenchReview> reviews) =>
        string.Concat(reviews.Select((review, i) => PythonJson.Write(review.ToJson(i + 1)) + "\n"));

    private static string Of10(double score) => $"{PythonNumber.Repr(score)} of {Best}";

    private JsonObject ToJson(int number) => new()
    {
        ["id"] = JsonNode.Parse($"{number}"),
        ["question_id"] = JsonNode.Parse(Item.Question.Key("question_id")),
        ["answer1_id"] = JsonNode.Parse(Item.Reference.Key(
            Item.Reference.Value.TryGetProperty("answer_id", out _) ? "answer_id" : "question_id")),
        ["answer2_id"] = JsonNode.Parse(Item.Answer.Key("answer_id")),
        ["category"] = Item.Category,
        ["content"] = Reply,
        ["tuple"] = Scores is (double reference, double model)
            ? new JsonArray(reference, model)
            : new JsonArray(JsonNode.Parse($"{Error}"), JsonNode.Parse($"{Error}")),
    };
}
