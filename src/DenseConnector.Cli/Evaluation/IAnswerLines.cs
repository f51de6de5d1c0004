using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation;

/// <summary>Writes answer lines in the form of an official script.</summary>
internal interface IAnswerLines
{
    /// <summary>The line of an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="texts">What was kept of the model's texts, one for each of its questions.</param>
    /// <param name="answerId">Names the answer.</param>
    /// <param name="model">The model's name.</param>
    public JsonObject Write(EvaluationItem item, IReadOnlyList<string> texts, string answerId, string model);
}
