using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>A question of MSVD-QA, MSRVTT-QA or ActivityNet-QA.</summary>
/// <param name="Id">The question's id as JSON, a text or a number.</param>
/// <param name="Video">The name of the video.</param>
/// <param name="Question">What is asked: the whole prompt after the video.</param>
/// <param name="Answer">The right answer.</param>
internal sealed record VideoQuestion(string Id, string Video, string Question, string Answer)
{
    /// <summary>Joins questions and answers, which go together by their order.</summary>
    /// <param name="questionFile">The questions: <c>test_q.json</c>.</param>
    /// <param name="answerFile">The answers: <c>test_a.json</c>.</param>
    /// <exception cref="IOException">A file cannot be read or lacks something.</exception>
    public static IReadOnlyList<VideoQuestion> Read(string questionFile, string answerFile)
    {
        JsonRecord[] questions = [.. ReadList(questionFile)];
        JsonRecord[] answers = [.. ReadList(answerFile)];
        return answers.Length < questions.Length
            ? throw new IOException(
                $"{answerFile} has {answers.Length} answers, expected one for each of the {questions.Length} " +
                $"questions of {questionFile}.")
            : [.. questions.Zip(answers, (question, answer) => new VideoQuestion(
                question.Key("question_id"), question.Text("video_name"), question.Text("question"),
                answer.Text("answer")))];
    }

    /// <summary>The objects of a file that is one list.</summary>
    /// <exception cref="IOException">The file cannot be read, or is no list of objects.</exception>
    public static IEnumerable<JsonRecord> ReadList(string file)
    {
        try
        {
            JsonObject whole = new() { ["items"] = JsonNode.Parse(File.ReadAllText(file)) };
            return new JsonRecord(file, JsonSerializer.SerializeToElement(whole)).List("items");
        }
        catch (JsonException e)
        {
            throw new IOException($"{file} is no JSON: {e.Message}", e);
        }
    }

    /// <summary>The line of the answer file that the official script writes.</summary>
    /// <param name="prediction">What the model answered.</param>
    public JsonObject Write(string prediction) => new()
    {
        ["id"] = JsonNode.Parse(Id),
        ["question"] = Question,
        ["answer"] = Answer,
        ["pred"] = prediction,
    };
}
