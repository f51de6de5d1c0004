using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation;

/// <summary>The lines of the official <c>model_vqa</c> scripts, which most benchmarks share.</summary>
internal sealed class ModelVqaLines : IAnswerLines
{
    /// <inheritdoc/>
    public JsonObject Write(EvaluationItem item, IReadOnlyList<string> texts, string answerId, string model)
    {
        JsonObject line = (JsonObject)item.Identity.DeepClone();
        line["text"] = texts[0];
        line["answer_id"] = answerId;
        line["model_id"] = model;
        line["metadata"] = new JsonObject();
        return line;
    }
}
