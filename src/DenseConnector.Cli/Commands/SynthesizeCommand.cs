using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DenseConnector.Cli.Synthesis;
using DenseConnector.Loading;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector synthesize</c>: a full-size checkpoint with random weights, to measure this machine with.
/// </summary>
internal sealed class SynthesizeCommand
{
    private readonly Argument<string> _model = new("model")
    {
        Description = $"A name of the catalog, or {Blueprint.Form}.",
    };

    private readonly Argument<string> _folder = new("folder")
    {
        Description = "The folder to write; it must be new or empty.",
    };

    private readonly Option<Precision> _precision = new("--precision")
    {
        Description = "Number format the weights are stored in; auto is bfloat16.",
        DefaultValueFactory = _ => Precision.Auto,
        CustomParser = Parsing.Choice<Precision>,
        HelpName = Parsing.Choices<Precision>(),
    };

    private readonly Option<double> _shardSize = new("--shard-size")
    {
        Description = "The most gigabytes (10^9 bytes) of weights in one file.",
        DefaultValueFactory = _ => 5,
        CustomParser = Parsing.Number<double>,
        HelpName = "GB",
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Other seeds give other weights.",
        CustomParser = Parsing.Number<ulong>,
        HelpName = "number",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object." };

    private SynthesizeCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        SynthesizeCommand synthesize = new();
        Command command = new(
            "synthesize",
            "Write a full-size checkpoint with random weights. It loads and answers nonsense at the true speed.")
        {
            synthesize._model,
            synthesize._folder,
            synthesize._precision,
            synthesize._shardSize,
            synthesize._seed,
            synthesize._json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => synthesize.Run(parsed, cancellation), cancellation));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        double shard = parsed.GetValue(_shardSize);
        if (!(shard > 0 && shard <= 1e6))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"--shard-size is {shard}, expected more than 0."));
        }

        TensorType type = parsed.GetValue(_precision) switch
        {
            Precision.Float32 => TensorType.F32,
            Precision.Float16 => TensorType.F16,
            _ => TensorType.BF16,
        };
        Blueprint blueprint = Blueprint.Find(parsed.GetValue(_model)!);
        using NewFolder target = new(parsed.GetValue(_folder)!);
        string folder = target.Path;
        blueprint.WriteTo(folder);
        ModelPlan plan = ModelPlan.Read(new ModelFolder(folder, folder, null), new ModelOptions());
        WriteProgress progress = new(parsed.InvocationConfiguration.Error);
        Stopwatch watch = Stopwatch.StartNew();
        SyntheticCheckpoint checkpoint =
            new(folder, type, (long)(shard * 1e9), parsed.GetValue(_seed), progress.Report);
        long weights = checkpoint.Write(plan, blueprint.DetailShapes(), cancellation);
        target.Complete();
        Written written = new(blueprint.Name, type, weights, Math.Round(watch.Elapsed.TotalSeconds, 3));
        parsed.InvocationConfiguration.Output.WriteLine(written.Describe(parsed.GetValue(_json)));
        return ExitCode.Success;
    }

    /// <summary>What was written.</summary>
    internal sealed record Written(string Model, TensorType Type, long Weights, double Seconds)
    {
        /// <summary>The record as one JSON object, or for people.</summary>
        public string Describe(bool json) => json
            ? JsonSerializer.Serialize(this, ToolJson.Options)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Model}: {Weights:N0} weights in {Type}, written in {Seconds:F0} s.");
    }
}
