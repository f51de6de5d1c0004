using System.Text.Json;

namespace DenseConnector.Cli.Captioning;

/// <summary>Captions pictures, several at once, and writes the lines in the order of the pictures.</summary>
/// <param name="model">The model.</param>
/// <param name="prompt">What is asked about each picture.</param>
/// <param name="options">How answers are made.</param>
/// <param name="images">How pictures are read.</param>
internal sealed class CaptionRun(
    DenseConnectorModel model, string prompt, GenerationOptions options, ImageOptions images)
{
    private readonly JsonElement _described = Caption.Describe(options, images);

    /// <summary>Captions pictures.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="pictures">Their paths below it.</param>
    /// <param name="batch">Requests at once.</param>
    /// <param name="written">Gets each caption, in order.</param>
    /// <param name="cancellation">Ends the run.</param>
    public Task RunAsync(
        string folder,
        IEnumerable<string> pictures,
        int batch,
        Action<Caption> written,
        CancellationToken cancellation)
    {
        OrderedWork<string, Loaded, Caption> work = new(
            batch, (picture, token) => LoadAsync(Path.Combine(folder, picture), token), CaptionAsync);
        return work.RunAsync(pictures, written, cancellation);
    }

    private async Task<Loaded> LoadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return new Loaded(await ImageInput.LoadAsync(path, images, cancellation));
        }
        catch (InvalidImageException e)
        {
            return new Loaded(null, e.Message);
        }
    }

    private async Task<Caption> CaptionAsync(string picture, Loaded loaded, CancellationToken cancellation)
    {
        Caption caption = new(picture, model.Info.Name, prompt, _described);
        if (loaded.Image is not ImageInput image)
        {
            return caption with { Error = loaded.Error };
        }

        try
        {
            GenerationResult result = await model.GenerateAsync(new Prompt(prompt, image), options, cancellation);
            return caption with
            {
                Text = result.Text,
                FinishReason = result.FinishReason,
                PromptTokens = result.Usage.PromptTokens,
                GeneratedTokens = result.Usage.GeneratedTokens,
            };
        }
        catch (ContextLengthException e)
        {
            return caption with { Error = e.Message };
        }
    }

    private sealed record Loaded(ImageInput? Image, string? Error = null);
}
