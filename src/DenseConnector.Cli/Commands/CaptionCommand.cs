using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DenseConnector.Cli.Captioning;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector caption</c>: a line of JSON for each picture of a folder; a run that was ended goes on.
/// </summary>
internal sealed class CaptionCommand
{
    private static readonly int DefaultBatch = new ModelOptions().MaxConcurrency;

    private readonly Argument<string> _folder = new("folder") { Description = "The folder of the pictures." };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description =
            "The JSONL file to write. Pictures that have a line in it already are left out, so that the same command " +
            "goes on after it was ended.",
        HelpName = "file",
        Required = true,
        Validators = { Parsing.RequireText },
    };

    private readonly Option<string> _prompt = new("--prompt")
    {
        Description = "What to ask about each picture.",
        DefaultValueFactory = _ => "Describe what you see.",
        HelpName = "text",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<bool> _recursive = new("--recursive", "-r")
    {
        Description = "Search the folders inside, too.",
    };

    private readonly Option<int> _batch = new("--batch")
    {
        Description = "Pictures at once.",
        DefaultValueFactory = _ => DefaultBatch,
        CustomParser = Parsing.Number<int>,
        HelpName = "number",
    };

    private readonly Option<bool> _applyExif = new("--apply-exif")
    {
        Description = "Turn pictures as their EXIF orientation says (the reference code does not).",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print the summary as one JSON object." };
    private readonly LoadArguments _model = new();
    private readonly GenerationArguments _generation = new();

    private CaptionCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        CaptionCommand caption = new();
        Command command = new("caption", "Ask the same about every picture of a folder; the answers go to a file.")
        {
            caption._folder,
            caption._output,
            caption._prompt,
            caption._recursive,
            caption._batch,
            caption._applyExif,
            caption._json,
        };
        caption._model.AddTo(command);
        caption._generation.AddTo(command);
        command.SetAction(caption.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        int batch = parsed.GetValue(_batch);
        Parsing.RequirePositive(_batch.Name, batch);
        string folder = parsed.GetValue(_folder)!;
        string prompt = parsed.GetValue(_prompt)!;
        GenerationOptions generation = _generation.Read(parsed);
        ImageOptions images = new() { ApplyExifOrientation = parsed.GetValue(_applyExif) };
        IReadOnlyList<string> all = PictureFolder.Find(folder, parsed.GetValue(_recursive));

        // No picture is expected twice: what the caches would keep is never used.
        await using DenseConnectorModel model = await _model.LoadAsync(
            parsed,
            cancellation,
            options => options with { MaxConcurrency = batch, PrefixCacheBytes = 0, VisualCacheBytes = 0 });
        using CaptionFile file = new(
            parsed.GetValue(_output)!, model.Info.Name, prompt, Caption.Describe(generation, images));
        string[] left = [.. all.Where(picture => !file.Has(picture))];
        Stopwatch watch = Stopwatch.StartNew();
        CaptionRun run = new(model, prompt, generation, images);
        await RunProgress.RunAsync(
            parsed.InvocationConfiguration.Error,
            "pictures",
            left.Length,
            progress => run.RunAsync(
                folder,
                left,
                batch,
                caption =>
                {
                    file.Append(caption);
                    progress.Advance();
                },
                cancellation));
        Summary summary = new(
            all.Count, left.Length, all.Count - left.Length, file.Errors, Math.Round(watch.Elapsed.TotalSeconds, 3));
        parsed.InvocationConfiguration.Output.WriteLine(
            parsed.GetValue(_json) ? JsonSerializer.Serialize(summary, ToolJson.Options) : summary.Describe());
        return file.Errors == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    /// <summary>What a run did.</summary>
    /// <param name="Pictures">Pictures of the folder.</param>
    /// <param name="Written">Those that got their line now.</param>
    /// <param name="AlreadyThere">Those that had it.</param>
    /// <param name="Errors">Lines of the file that tell of an error.</param>
    /// <param name="Seconds">How long it took, without loading the model.</param>
    private sealed record Summary(int Pictures, int Written, int AlreadyThere, int Errors, double Seconds)
    {
        /// <summary>The summary for people.</summary>
        public string Describe() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Pictures} pictures: {Written} written in {Seconds:F1} s, {AlreadyThere} were there already; " +
            $"{Errors} could not be read, their lines have an 'error'.");
    }
}
