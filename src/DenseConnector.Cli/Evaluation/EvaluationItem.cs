using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation;

/// <summary>A question of a benchmark, as the model is asked it.</summary>
internal sealed record EvaluationItem
{
    /// <summary>The fields of the answer line that say which question it answers.</summary>
    public required JsonObject Identity { get; init; }

    /// <summary>What the model is asked.</summary>
    public required string Text { get; init; }

    /// <summary>What it looks at; <c>null</c> for a question without a picture.</summary>
    public VisualSource? Visual { get; init; }

    /// <summary>The answers there are to choose from, such as letters; none for an open question.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What only the writer of its answer line knows how to use.</summary>
    public object? Detail { get; init; }

    /// <summary>Says of an answer whether it is right; <c>null</c> where that is not decided here.</summary>
    public Func<string, Verdict>? Judge { get; init; }

    /// <summary>The name in messages: the question's id, which <see cref="Identity"/> begins with.</summary>
    public string Name => Identity.First().Value!.ToString();
}
