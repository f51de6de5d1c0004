using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation.MmVet;

/// <summary>A question of MM-Vet and what was answered.</summary>
/// <param name="Id">The question's id.</param>
/// <param name="Question">The question as <c>mm-vet.json</c> has it.</param>
/// <param name="Prediction">The model's answer.</param>
internal sealed record MmVetItem(string Id, JsonRecord Question, string Prediction)
{
    /// <summary>The abilities that the question needs, each once.</summary>
    public IReadOnlyList<string> Capabilities => [.. Question.Texts("capability").Distinct()];

    /// <summary>The right answer; <c>&lt;OR&gt;</c> parts several, <c>&lt;AND&gt;</c> what one must hold.</summary>
    public string Truth => Question.Text("answer");

    /// <summary>Joins questions and answers, in the order of the questions.</summary>
    /// <param name="questionFile">The questions with their truths: <c>mm-vet.json</c>.</param>
    /// <param name="results">The answers by id.</param>
    /// <exception cref="IOException">The file cannot be read, or a question has no answer.</exception>
    public static IReadOnlyList<MmVetItem> Read(string questionFile, IReadOnlyDictionary<string, string> results) =>
        [.. JsonData.Read(questionFile).Objects().Select(question => new MmVetItem(
            question.Name,
            question.Value,
            results.GetValueOrDefault(question.Name) ?? throw new IOException(
                $"{question.Value.Where}: the question has no answer. Answer all questions first.")))];
}
