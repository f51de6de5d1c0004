using System.Text.Json;
using System.Threading.Channels;

namespace DenseConnector.Cli.Captioning;

/// <summary>Captions pictures, several at once, and writes the lines in the order of the pictures.</summary>
/// <param name="model">The model.</param>
/// <param name="prompt">What is asked about each picture.</param>
/// <param name="options">How answers are made.</param>
/// <param name="images">How pictures are read.</param>
internal sealed class CaptionRun(
    DenseConnectorModel model, string prompt, GenerationOptions options, ImageOptions images)
{
    /// <summary>How many answers may wait for a slower one before them, for each request at once.</summary>
    private const int Ahead = 4;

    private readonly JsonElement _described = Caption.Describe(options);

    /// <summary>Captions pictures.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="pictures">Their paths below it.</param>
    /// <param name="batch">Requests at once.</param>
    /// <param name="written">Gets each caption, in order.</param>
    /// <param name="cancellation">Ends the run.</param>
    public async Task RunAsync(
        string folder,
        IEnumerable<string> pictures,
        int batch,
        Action<Caption> written,
        CancellationToken cancellation)
    {
        using CancellationTokenSource broken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<Task<Caption>> answers = Channel.CreateBounded<Task<Caption>>(Ahead * batch);
        Task asking = AskAsync(folder, pictures, batch, answers.Writer, broken.Token);
        try
        {
            await foreach (Task<Caption> answer in answers.Reader.ReadAllAsync(cancellation))
            {
                written(await answer);
            }
        }
        finally
        {
            // A full disk, too, ends the requests under way before the model is gone.
            await broken.CancelAsync();
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await asking;
    }

    private async Task AskAsync(
        string folder,
        IEnumerable<string> pictures,
        int batch,
        ChannelWriter<Task<Caption>> answers,
        CancellationToken cancellation)
    {
        List<Task> asked = [];
        using SemaphoreSlim free = new(batch);
        try
        {
            foreach (string picture in pictures)
            {
                await free.WaitAsync(cancellation);
                Task<Caption> answer = Task.Run(
                    () => CaptionAsync(folder, picture, cancellation), CancellationToken.None);
                asked.RemoveAll(task => task.IsCompleted);
                asked.Add(FreeAfterAsync(answer));
                await answers.WriteAsync(answer, cancellation);
            }
        }
        finally
        {
            answers.Complete();
            await Task.WhenAll(asked);
        }

        async Task FreeAfterAsync(Task answer)
        {
            await answer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            free.Release();
        }
    }

    private async Task<Caption> CaptionAsync(string folder, string picture, CancellationToken cancellation)
    {
        Caption caption = new(picture, model.Info.Name, prompt, _described);
        try
        {
            ImageInput image = await ImageInput.LoadAsync(Path.Combine(folder, picture), images, cancellation);
            GenerationResult result = await model.GenerateAsync(new Prompt(prompt, image), options, cancellation);
            return caption with
            {
                Text = result.Text,
                FinishReason = result.FinishReason,
                PromptTokens = result.Usage.PromptTokens,
                GeneratedTokens = result.Usage.GeneratedTokens,
            };
        }
        catch (Exception e) when (e is InvalidImageException or ContextLengthException)
        {
            return caption with { Error = e.Message };
        }
    }
}
