using System.Text.Json;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.LlavaBench;

/// <summary>What a judge is asked about an item of LLaVA-Bench: to score both answers (<c>get_eval</c>).</summary>
internal static class LlavaBenchJudge
{
    /// <summary>The judge of the official script.</summary>
    public const string Model = "gpt-4-0314";

    private const int MaxTokens = 1024;
    private const double Temperature = 0.2;
    private const string System =
        "You are a helpful and precise assistant for checking the quality of the answer.";

    /// <summary>The rule of the three categories, which is one: <c>rule.json</c>.</summary>
    private const string Rule =
        "We would like to request your feedback on the performance of two AI assistants in response to the user " +
        "question displayed above. The user asks the question on observing an image. For your reference, the visual " +
        "content in the image is represented with a few sentences describing the image. \nPlease rate the " +
        "helpfulness, relevance, accuracy, level of details of their responses. Each assistant receives an overall " +
        "score on a scale of 1 to 10, where a higher score indicates better overall performance.\nPlease first " +
        "output a single line containing only two values indicating the scores for Assistant 1 and 2, respectively. " +
        "The two scores are separated by a space.\nIn the subsequent line, please provide a comprehensive " +
        "explanation of your evaluation, avoiding any potential bias and ensuring that the order in which the " +
        "responses were presented does not affect your judgment.";

    private static readonly string[] Categories = ["llava_bench_conv", "llava_bench_detail", "llava_bench_complex"];

    /// <summary>Asks about an item once, whatever the reply.</summary>
    /// <param name="item">The item.</param>
    /// <param name="model">The judge's name.</param>
    /// <exception cref="IOException">The item lacks something or is of no known category.</exception>
    public static JudgeTask Task(LlavaBenchItem item, string model = Model) => JudgeTask.Once(
        item.Name,
        new JudgeRequest(
            model, [JudgeMessage.System(System), JudgeMessage.User(Content(item))], Temperature, MaxTokens));

    private static string Content(LlavaBenchItem item)
    {
        if (!Categories.Contains(item.Category))
        {
            throw new IOException(
                $"{item.Question.Where}: there is no rule for the category '{item.Category}', only for " +
                $"{string.Join(", ", Categories)}.");
        }

        return $"[Context]\n{Caption(item.Context)}\n\n[Question]\n{item.Question.Text("text")}\n\n" +
            Answer(1, item.Reference) + Answer(2, item.Answer) + $"[System]\n{Rule}\n\n";
    }

    private static string Answer(int number, JsonRecord answer) =>
        $"[Assistant {number}]\n{answer.Text("text")}\n\n[End of Assistant {number}]\n\n";

    private static string Caption(JsonRecord context) =>
        context.Value.TryGetProperty("caption", out JsonElement caption) && caption.ValueKind == JsonValueKind.Array
            ? string.Join('\n', context.Texts("caption"))
            : context.Text("caption");
}
