using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation;

/// <summary>Writes answer lines in the form of an official script.</summary>
internal interface IAnswerLines
{
    /// <summary>The line of an answer.</summary>
    /// <param name="item">The question.</param>
    /// <param name="text">What was kept of the model's text.</param>
    /// <param name="answerId">Names the answer.</param>
    /// <param name="model">The model's name.</param>
    public JsonObject Write(EvaluationItem item, string text, string answerId, string model);
}
