using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>The answer lines of the generative video benchmarks.</summary>
internal sealed class GenerativeVideoLines : IAnswerLines
{
    /// <inheritdoc/>
    public JsonObject Write(EvaluationItem item, IReadOnlyList<string> texts, string answerId, string model) =>
        VideoAnswer.Write((JsonRecord)item.Detail!, texts);
}
