using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>The answer lines of short questions about videos.</summary>
internal sealed class VideoQaLines : IAnswerLines
{
    /// <inheritdoc/>
    public JsonObject Write(EvaluationItem item, IReadOnlyList<string> texts, string answerId, string model) =>
        ((VideoQuestion)item.Detail!).Write(texts[0]);
}
