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

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print one JSON object instead of streaming text.",
    };

    private readonly Option<bool> _stats = new("--stats")
    {
        Description = "Print token counts and speed to the error stream, behind the answer.",
    };

    private readonly LoadArguments _model = new();
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
            ask._question, ask._images, ask._noImage, ask._applyExif, ask._json, ask._stats,
        };
        ask._model.AddTo(command);
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
        await using DenseConnectorModel model = await _model.LoadAsync(parsed, cancellation);
        TimeSpan load = watch.Elapsed;
        AnswerMeter meter = new();
        IAsyncEnumerable<GenerationUpdate> updates = meter.Watch(model.StreamAsync(prompt, generation, cancellation));
        if (parsed.GetValue(_json))
        {
            GenerationResult result = await DenseConnectorModel.CollectAsync(updates);
            await output.WriteLineAsync(JsonSerializer.Serialize(
                new Answer(model.Info.Name, result.Text, result.FinishReason, result.Usage, meter.Read(load)),
                ToolJson.Options));
        }
        else
        {
            await foreach (GenerationUpdate update in updates)
            {
                await output.WriteAsync(update.Text);
                await output.FlushAsync(cancellation);
            }

            await output.WriteLineAsync();
        }

        if (parsed.GetValue(_stats))
        {
            meter.Print(parsed.InvocationConfiguration.Error);
        }

        return ExitCode.Success;
    }

    /// <summary>What <c>--json</c> prints.</summary>
    private sealed record Answer(
        string Model, string Text, FinishReason FinishReason, TokenUsage Usage, Timings Timings);
}
