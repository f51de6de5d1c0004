using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation;

/// <summary>An item of a benchmark, as the model is asked about it.</summary>
internal sealed record EvaluationItem
{
    /// <summary>The fields of the answer line that say which item it answers.</summary>
    public required JsonObject Identity { get; init; }

    /// <summary>What the model is asked: one question as a rule; of several each is asked on its own.</summary>
    public required IReadOnlyList<string> Questions { get; init; }

    /// <summary>
    /// The place of its entry in the question file, by which runs share the work; <c>null</c> where each entry is one
    /// item.
    /// </summary>
    public int? Entry { get; init; }

    /// <summary>What it looks at; <c>null</c> for a question without a picture.</summary>
    public VisualSource? Visual { get; init; }

    /// <summary>The answers there are to choose from, such as letters; none for an open question.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What only the writer of its answer line knows how to use.</summary>
    public object? Detail { get; init; }

    /// <summary>
    /// Says at once of an answer whether it is right, or gives <c>null</c> where that is open until all is scored;
    /// <c>null</c> itself where it always is.
    /// </summary>
    public Func<string, Verdict?>? Judge { get; init; }

    /// <summary>The name in messages and in verdicts: the id that <see cref="Identity"/> begins with.</summary>
    public string Name
    {
        get => field ?? Identity.First().Value!.ToString();
        init;
    }
}
