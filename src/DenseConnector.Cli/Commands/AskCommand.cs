using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;

namespace DenseConnector.Cli.Commands;

/// <summary><c>denseconnector ask</c>: one question about pictures, the answer streamed to the output.</summary>
internal sealed class AskCommand
{
    private readonly Argument<string> _question = new("question")
    {
        Description = "What to ask.",
    };

    private readonly Option<string[]> _images = new("--image", "-i")
    {
        Description = "A picture to ask about; give it again for each further picture.",
        HelpName = "file",
        Validators = { Parsing.RequireText },
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _noImage = new("--no-image")
    {
        Description = "Ask the language model alone, without a picture.",
    };

    private readonly Option<bool> _applyExif = new("--apply-exif")
    {
        Description = "Turn pictures as their EXIF orientation says (the reference code does not).",
    };

    private readonly Option<string> _model = new("--model", "-m")
    {
        Description = "Folder of a checkpoint, a name of the catalog, or a repository (owner/name).",
        DefaultValueFactory = _ => ModelArguments.Bundled,
        HelpName = "model",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print one JSON object instead of streaming text.",
    };

    private readonly ModelArguments _modelOptions = new();
    private readonly GenerationArguments _generation = new();

    private AskCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        AskCommand ask = new();
        Command command = new("ask", "Ask a question about one or more pictures.")
        {
            ask._question, ask._images, ask._noImage, ask._applyExif, ask._model, ask._json,
        };
        ask._modelOptions.AddTo(command);
        ask._generation.AddTo(command);
        command.SetAction(ask.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        TextWriter output = parsed.InvocationConfiguration.Output;
        string question = parsed.GetValue(_question)!;
        if (string.IsNullOrWhiteSpace(question))
        {
            throw new ArgumentException("The question is empty; say what to ask.");
        }

        string[] files = parsed.GetValue(_images) ?? [];
        if (files.Length == 0 && !parsed.GetValue(_noImage))
        {
            throw new ArgumentException(
                "There is no picture to ask about: add --image FILE, or --no-image to ask the language model alone.");
        }

        // Pictures first: a wrong path should not cost the time of loading a model.
        List<VisualInput> images = [];
        ImageOptions imageOptions = new() { ApplyExifOrientation = parsed.GetValue(_applyExif) };
        foreach (string file in files)
        {
            images.Add(await ImageInput.LoadAsync(file, imageOptions, cancellation));
        }

        Prompt prompt = new(question, images);
        GenerationOptions generation = _generation.Read(parsed);
        Stopwatch watch = Stopwatch.StartNew();
        await using DenseConnectorModel model = await DownloadDisplay.RunAsync(
            parsed.InvocationConfiguration.Error,
            progress => DenseConnectorModel.LoadAsync(
                parsed.GetValue(_model)!, _modelOptions.Read(parsed), new LoadDownloads(progress), cancellation));
        TimeSpan load = watch.Elapsed;
        if (parsed.GetValue(_json))
        {
            watch.Restart();
            TimeSpan? first = null;
            GenerationResult result = await DenseConnectorModel.CollectAsync(Timed(
                model.StreamAsync(prompt, generation, cancellation), () => first ??= watch.Elapsed));
            TimeSpan whole = watch.Elapsed;
            Timings timings = Timings.Of(load, first ?? whole, whole, result.Usage.GeneratedTokens);
            await output.WriteLineAsync(JsonSerializer.Serialize(
                new Answer(model.Info.Name, result.Text, result.FinishReason, result.Usage, timings),
                ToolJson.Options));
            return ExitCode.Success;
        }

        await foreach (GenerationUpdate update in model.StreamAsync(prompt, generation, cancellation))
        {
            await output.WriteAsync(update.Text);
            await output.FlushAsync(cancellation);
        }

        await output.WriteLineAsync();
        return ExitCode.Success;
    }

    private static async IAsyncEnumerable<GenerationUpdate> Timed(
        IAsyncEnumerable<GenerationUpdate> updates, Action arrived)
    {
        await foreach (GenerationUpdate update in updates)
        {
            arrived();
            yield return update;
        }
    }

    /// <summary>What <c>--json</c> prints.</summary>
    private sealed record Answer(
        string Model, string Text, FinishReason FinishReason, TokenUsage Usage, Timings Timings);
}
