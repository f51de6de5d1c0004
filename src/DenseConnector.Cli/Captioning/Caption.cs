using System.Text.Json;
using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Captioning;

/// <summary>A line of a captions file. It has no times in it: the same pictures give the same file.</summary>
/// <param name="Image">The picture's path below the folder, with forward slashes.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Prompt">What was asked.</param>
/// <param name="Options">How the answer was made: see <see cref="Describe"/>.</param>
/// <param name="Text">The answer; <c>null</c> if there is an error.</param>
/// <param name="FinishReason">Why the answer ended.</param>
/// <param name="PromptTokens">Length of the prompt, visual tokens included.</param>
/// <param name="GeneratedTokens">Length of the answer.</param>
/// <param name="Error">What is wrong with the picture.</param>
internal sealed record Caption(
    string Image,
    string Model,
    string Prompt,
    JsonElement Options,
    string? Text = null,
    FinishReason? FinishReason = null,
    int? PromptTokens = null,
    int? GeneratedTokens = null,
    string? Error = null)
{
    /// <summary>The options as a line has them; those that are not set are left out.</summary>
    /// <param name="generation">How answers are made.</param>
    /// <param name="images">How pictures are read.</param>
    public static JsonElement Describe(GenerationOptions generation, ImageOptions images)
    {
        JsonObject options = JsonSerializer.SerializeToNode(generation, ToolJson.Line)!.AsObject();
        options["applyExif"] = images.ApplyExifOrientation;
        return JsonSerializer.SerializeToElement(options, ToolJson.Line);
    }
}
