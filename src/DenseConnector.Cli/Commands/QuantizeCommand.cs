using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DenseConnector.Cli.Quantizing;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector quantize</c>: a model with its language model's matrices in 8 or 4 bits, written once to load in a
/// moment ever after.
/// </summary>
internal sealed class QuantizeCommand
{
    private const string Formats =
        """
        Format of the matrices. NAME.weight becomes, in int8: NAME.weight (I8, [rows, columns]) and \
        NAME.weight_scale (F32, [rows]); a weight is its integer times its row's scale. In int4: NAME.weight_int4 \
        (U8, [rows/16, columns/8, 16, 4]) and NAME.weight_scale (BF16, [rows/16, columns/32, 16]), rows filled up to \
        a multiple of 16 and columns of 32; byte [r, c, i, j] holds of row 16r+i column 8c+j in its lower half and \
        column 8c+j+4 in its upper half, and a weight is its integer less 8 times the scale of its row and 32 \
        columns. The output head (lm_head) is in int8 in either format. Embeddings, norms, biases, vision towers, \
        connector and projector are not rounded.
        """;

    private readonly Argument<string> _model = new("model")
    {
        Description = "Folder of a checkpoint, a name of the catalog, or a repository (owner/name).",
    };

    private readonly Argument<string> _folder = new("folder")
    {
        Description = "The folder to write; it must be new or empty.",
    };

    private readonly Option<Format> _format = new("--format")
    {
        Description = Formats.Replace("\\\n", string.Empty, StringComparison.Ordinal),
        CustomParser = Parsing.Choice<Format>,
        HelpName = Parsing.Choices<Format>(),
        Required = true,
    };

    private readonly Option<Precision> _precision = new("--precision")
    {
        Description =
            "Number format the other weights are stored in; auto is bfloat16, in which a quantised model computes. " +
            "float32 is for models that are loaded with --precision float32.",
        DefaultValueFactory = _ => Precision.Auto,
        CustomParser = Parsing.Choice<Precision>,
        HelpName = "auto|float32|bfloat16",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object." };
    private readonly ModelArguments _modelOptions = new();

    /// <summary>The formats that matrices are rounded to.</summary>
    private enum Format
    {
        Int8 = Quantization.Int8,
        Int4 = Quantization.Int4,
    }

    private QuantizeCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        QuantizeCommand quantize = new();
        Command command = new(
            "quantize",
            "Write a model with its language model's matrices in 8 or 4 bits: one folder that loads at once and " +
            "answers as with --quantize.")
        {
            quantize._model, quantize._folder, quantize._format, quantize._precision, quantize._json,
        };
        quantize._modelOptions.AddFilesTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => quantize.RunAsync(parsed, cancellation), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Quantization format = (Quantization)parsed.GetValue(_format);
        using NewFolder target = new(parsed.GetValue(_folder)!);
        ModelOptions asked = _modelOptions.Read(parsed) with { Precision = parsed.GetValue(_precision) };
        ResolvedModel model = await DownloadDisplay.RunAsync(
            parsed.InvocationConfiguration.Error,
            progress => ModelResolver.ResolveAsync(parsed.GetValue(_model)!, asked, progress, cancellation));
        ModelPlan plan = ModelPlan.Read(model.Folder, model.Options);
        TextPlan text = TextPlan.Read(plan.Folder, plan.Config, model.Options);
        Stopwatch watch = Stopwatch.StartNew();
        QuantizedCheckpoint checkpoint = new(
            plan, text, model.Options, format, new WriteProgress(parsed.InvocationConfiguration.Error).Report);
        long bytes = checkpoint.Write(target.Path, cancellation);
        target.Complete();
        Written written = new(model.Folder.Name, format, bytes, Math.Round(watch.Elapsed.TotalSeconds, 3));
        parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(_json)
            ? JsonSerializer.Serialize(written, ToolJson.Options)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{written.Model}: {bytes:N0} bytes of weights in {format}, written in {written.Seconds:F0} s."));
        return ExitCode.Success;
    }

    /// <summary>What <c>--json</c> prints.</summary>
    private sealed record Written(string Model, Quantization Format, long Bytes, double Seconds);
}
