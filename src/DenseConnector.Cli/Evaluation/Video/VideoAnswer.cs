using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>An answer about a video as it is judged and stored.</summary>
/// <param name="Key">Its name in the file of results.</param>
/// <param name="Fields">Question, right answer and prediction, in the order in which they are stored.</param>
internal sealed record VideoAnswer(string Key, JsonObject Fields)
{
    /// <summary>The field of an answer line that holds what the model answered.</summary>
    public const string Prediction = "pred";

    private static readonly (string Name, string From)[] Short = [("q", "question"), ("a", "answer"), ("pred", "pred")];
    private static readonly (string Name, string From)[] Long = [("q", "Q"), ("a", "A"), ("pred", "pred")];
    private static readonly (string Name, string From)[] Pair =
        [("q1", "Q1"), ("q2", "Q2"), ("a", "A"), ("pred1", "pred1"), ("pred2", "pred2")];

    /// <summary>Reads the answers to short questions; of several to one question the last counts.</summary>
    /// <exception cref="IOException">The file cannot be read or lacks something.</exception>
    public static IReadOnlyList<VideoAnswer> ReadShort(string file) =>
        Read(file, Short, answer => ItemName.Of(answer, "id"));

    /// <summary>Reads the answers to one of the generative benchmarks.</summary>
    /// <param name="file">The file.</param>
    /// <param name="benchmark">The benchmark.</param>
    /// <exception cref="IOException">The file cannot be read or lacks something.</exception>
    public static IReadOnlyList<VideoAnswer> Read(string file, VideoBenchmark benchmark)
    {
        VideoNumbers numbers = new();
        return Read(
            file,
            benchmark.AsksTwice ? Pair : Long,
            answer => numbers.Next(ItemName.Of(answer, "video_name")));
    }

    /// <summary>The line of a generative benchmark's answer file that the official script writes.</summary>
    /// <param name="question">The question, as the benchmark has it.</param>
    /// <param name="predictions">What the model answered, once, or to both questions.</param>
    public static JsonObject Write(JsonRecord question, IReadOnlyList<string> predictions)
    {
        JsonObject line = JsonObject.Create(question.Value)!;
        foreach ((string field, string prediction) in Predictions(predictions.Count > 1).Zip(predictions))
        {
            line[field] = prediction;
        }

        return line;
    }

    /// <summary>The fields of an answer line that hold what the model answered.</summary>
    /// <param name="areTwo">Whether it was asked twice.</param>
    public static IReadOnlyList<string> Predictions(bool areTwo) =>
        areTwo ? [$"{Prediction}1", $"{Prediction}2"] : [Prediction];

    /// <summary>A field's text.</summary>
    public string Text(string field) => Fields[field]!.GetValue<string>();

    private static IReadOnlyList<VideoAnswer> Read(
        string file, (string Name, string From)[] fields, Func<JsonRecord, string> keyOf)
    {
        OrderedDictionary<string, VideoAnswer> answers = [];
        foreach (JsonRecord line in JsonData.ReadLines(file))
        {
            string key = keyOf(line);
            answers[key] = new VideoAnswer(key, new JsonObject(fields.Select(
                field => KeyValuePair.Create(field.Name, (JsonNode?)line.Text(field.From)))));
        }

        return [.. answers.Values];
    }
}
