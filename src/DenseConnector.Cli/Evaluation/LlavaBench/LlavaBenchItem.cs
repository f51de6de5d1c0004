using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.LlavaBench;

/// <summary>A question of LLaVA-Bench with the two answers that are compared.</summary>
/// <param name="Question">The question.</param>
/// <param name="Context">What is to be seen in its picture, in words.</param>
/// <param name="Reference">The answer of the reference model.</param>
/// <param name="Answer">The answer of the model.</param>
internal sealed record LlavaBenchItem(JsonRecord Question, JsonRecord Context, JsonRecord Reference, JsonRecord Answer)
{
    private const string CategoryPrefix = "llava_bench_";

    /// <summary>The question's id, as it names the item.</summary>
    public string Name => ItemName.Of(Question, "question_id");

    /// <summary>The category as reviews have it.</summary>
    public string Category => CategoryPrefix + Question.Text("category");

    /// <summary>Joins the files: answers with questions by their order, contexts by the picture.</summary>
    /// <param name="questionFile">The questions.</param>
    /// <param name="contextFile">The contexts; of several to one picture the last counts.</param>
    /// <param name="referenceFile">The reference model's answers.</param>
    /// <param name="answerFile">The model's answers; questions beyond the last of them are left out.</param>
    /// <exception cref="IOException">A file cannot be read or lacks something, or the files do not match.</exception>
    public static IReadOnlyList<LlavaBenchItem> Read(
        string questionFile, string contextFile, string referenceFile, string answerFile)
    {
        Dictionary<string, JsonRecord> contexts = [];
        foreach (JsonRecord context in JsonData.ReadLines(contextFile))
        {
            contexts[context.Text("image")] = context;
        }

        return [.. JsonData.ReadLines(questionFile)
            .Zip(JsonData.ReadLines(referenceFile), JsonData.ReadLines(answerFile))
            .Select(lines => new LlavaBenchItem(
                lines.First,
                contexts.GetValueOrDefault(lines.First.Text("image")) ?? throw new IOException(
                    $"{lines.First.Where}: {contextFile} has no picture '{lines.First.Text("image")}'."),
                Same(lines.First, lines.Second),
                Same(lines.First, lines.Third)))];
    }

    /// <summary>
    /// An answer that lies where that to the question must; another one would be judged without anybody noticing.
    /// </summary>
    private static JsonRecord Same(JsonRecord question, JsonRecord answer) =>
        answer.Key("question_id") == question.Key("question_id")
            ? answer
            : throw new IOException(
                $"{answer.Where} answers the question {answer.Key("question_id")}, expected " +
                $"{question.Key("question_id")} as in {question.Where}. Answer all questions in their order.");
}
