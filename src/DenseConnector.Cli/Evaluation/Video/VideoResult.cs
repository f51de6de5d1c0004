using System.Numerics;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>A judged answer about a video.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Verdict">What the judge says; <c>null</c> where no reply was a value: the item has failed.</param>
/// <param name="Reply">The last reply.</param>
internal sealed record VideoResult(VideoAnswer Answer, VideoVerdict? Verdict, string Reply)
{
    private const int Best = 5;

    /// <summary>Joins answers with what was replied about them.</summary>
    public static IReadOnlyList<VideoResult> Of(IEnumerable<VideoAnswer> answers, IEnumerable<JudgedItem> judged) =>
        [.. answers.Zip(judged, (answer, judgement) =>
        {
            string reply = judgement.Replies[^1].Text;
            return new VideoResult(answer, VideoVerdict.Parse(reply), reply);
        })];

    /// <summary>What it is worth: all or nothing if the judge says so, else its part of the best score.</summary>
    public Verdict Weigh() => new(
        Verdict!.IsRight() is bool isRight ? isRight ? 1 : 0 : Math.Clamp((double)(Verdict.Score() ?? 0) / Best, 0, 1),
        Reply,
        Answer.Text("a"));

    /// <summary>The file of results that the official scripts write; what has failed is not in it.</summary>
    public static string Write(IEnumerable<VideoResult> results) => PythonJson.Write(new JsonObject(results
        .Where(result => result.Verdict is not null)
        .Select(result => KeyValuePair.Create(
            result.Answer.Key,
            (JsonNode?)new JsonArray(result.Verdict!.Value?.DeepClone(), result.Answer.Fields.DeepClone())))));

    /// <summary>The mean score of a generative benchmark over the items that have not failed.</summary>
    /// <exception cref="IOException">A verdict has no score, which ends the official script, too.</exception>
    public static double Average(IEnumerable<VideoResult> results)
    {
        BigInteger[] scores = [.. results.Where(result => result.Verdict is not null).Select(result =>
            result.Verdict!.Score() ?? throw new IOException(
                $"The judgement of '{result.Answer.Key}' is '{result.Reply}', expected {{'score': ...}} with a whole " +
                "number. Delete its lines from the file of judgements and let the judge judge again."))];
        return (double)scores.Aggregate(BigInteger.Zero, BigInteger.Add) / scores.Length;
    }

    /// <summary>The line that the official script of a generative benchmark prints.</summary>
    /// <exception cref="IOException">A verdict has no score.</exception>
    public static string Report(VideoBenchmark benchmark, IEnumerable<VideoResult> results) =>
        $"{benchmark.Label}: {PythonNumber.Repr(Average(results))}\n";
}
