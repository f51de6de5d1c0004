using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using DenseConnector.Cli.Benchmarking;
using DenseConnector.Cli.Synthesis;
using TorchSharp;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector bench</c>: how fast a model is on this machine's processor, beside what the machine can do at
/// most.
/// </summary>
internal sealed class BenchCommand
{
    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description = "Folder of a checkpoint, a name of the catalog, or a repository (owner/name).",
        HelpName = "model",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<string?> _synthetic = new("--synthetic")
    {
        Description =
            $"In place of a model: random weights, made in memory, of a name of the catalog or {Blueprint.Form}.",
        HelpName = "shape",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<Precision> _precision = new("--precision")
    {
        Description = "Number format the model is computed in.",
        DefaultValueFactory = _ => Precision.Auto,
        CustomParser = Parsing.Choice<Precision>,
        HelpName = Parsing.Choices<Precision>(),
    };

    private readonly Option<Quantization> _quantization = new("--quantize")
    {
        Description = "Format the language model's matrices are kept in.",
        DefaultValueFactory = _ => Quantization.None,
        CustomParser = Parsing.Choice<Quantization>,
        HelpName = Parsing.Choices<Quantization>(),
    };

    private readonly Option<int> _promptTokens = new("--prompt-tokens")
    {
        Description = "Tokens read before the first one is made (a picture and a question are about 760).",
        DefaultValueFactory = _ => 760,
        CustomParser = Parsing.Number<int>,
        HelpName = "number",
    };

    private readonly Option<int> _newTokens = new("--new-tokens")
    {
        Description = "Tokens made.",
        DefaultValueFactory = _ => 32,
        CustomParser = Parsing.Number<int>,
        HelpName = "number",
    };

    private readonly Option<int> _batch = new("--batch")
    {
        Description = "Requests at once, for the figures of a batch.",
        DefaultValueFactory = _ => 8,
        CustomParser = Parsing.Number<int>,
        HelpName = "number",
    };

    private readonly Option<BenchmarkPart[]> _parts = new("--parts")
    {
        Description = "What is measured, words with spaces between them; everything, if not given.",
        CustomParser = Parsing.Choices<BenchmarkPart>,
        AllowMultipleArgumentsPerToken = true,
        HelpName = Parsing.Choices<BenchmarkPart>(),
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object." };

    private BenchCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        BenchCommand bench = new();
        Command command = new("bench", "Measure how fast a model is on this processor, beside the machine's limits.")
        {
            bench._model,
            bench._synthetic,
            bench._precision,
            bench._quantization,
            bench._promptTokens,
            bench._newTokens,
            bench._batch,
            bench._parts,
            bench._json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => bench.RunAsync(parsed, cancellation), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        (int promptTokens, int newTokens) = (parsed.GetValue(_promptTokens), parsed.GetValue(_newTokens));
        Parsing.RequirePositive(_promptTokens.Name, promptTokens);
        Parsing.RequirePositive(_newTokens.Name, newTokens);
        Parsing.RequirePositive(_batch.Name, parsed.GetValue(_batch));
        if (parsed.GetValue(_model) is not null && parsed.GetValue(_synthetic) is not null)
        {
            throw new ArgumentException("--model and --synthetic exclude each other; give one of them.");
        }

        BenchmarkPart[] parts = parsed.GetValue(_parts) is { Length: > 0 } chosen
            ? chosen
            : Enum.GetValues<BenchmarkPart>();
        BenchmarkReport report = await MeasureAsync(parsed, parts, cancellation);

        // The model is gone and its peak of memory read: what the limits take is not counted as the model's.
        if (parts.Contains(BenchmarkPart.Limits))
        {
            Tell(parsed, "limits");
            report = report.With(MachineLimits.Measure(report.Decode?.ReadBandwidthGBs));
        }

        TextWriter output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_json))
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(report, ToolJson.Options));
        }
        else
        {
            report.Print(output);
        }

        return ExitCode.Success;
    }

    private async Task<BenchmarkReport> MeasureAsync(
        ParseResult parsed, BenchmarkPart[] parts, CancellationToken cancellation)
    {
        (int promptTokens, int newTokens) = (parsed.GetValue(_promptTokens), parsed.GetValue(_newTokens));
        ModelOptions options = new()
        {
            Device = "cpu",
            Precision = parsed.GetValue(_precision),
            Quantization = parsed.GetValue(_quantization),
            MaxConcurrency = parsed.GetValue(_batch),
        };
        Blueprint? synthetic = parsed.GetValue(_synthetic) is string shape ? Blueprint.Find(shape) : null;
        Tell(parsed, synthetic is null ? "load" : "making weights");
        long start = Stopwatch.GetTimestamp();
        await using DenseConnectorModel model = synthetic is null
            ? await DownloadDisplay.RunAsync(
                parsed.InvocationConfiguration.Error,
                progress => DenseConnectorModel.LoadAsync(
                    parsed.GetValue(_model) ?? ModelArguments.Bundled,
                    options,
                    new LoadDownloads(progress),
                    cancellation))
            : await SyntheticModel.StartAsync(synthetic, options, cancellation);
        double loaded = Stopwatch.GetElapsedTime(start).TotalSeconds;
        ModelBenchmark benchmark = new(model, promptTokens, newTokens);
        BenchmarkReport report = new(
            model.Info.Name,
            model.Info.Quantization,
            model.Info.Precision,
            torch.get_num_threads(),
            promptTokens,
            newTokens,
            synthetic is null ? new BenchmarkReport.LoadPart(loaded) : null);
        if (Asked(BenchmarkPart.Vision))
        {
            (double seconds, int tokens) = await benchmark.SeeAsync();
            report = report with { Vision = new BenchmarkReport.VisionPart(1000 * seconds, tokens) };
        }

        if (Asked(BenchmarkPart.Prefill))
        {
            report = report with
            {
                Prefill = new BenchmarkReport.PrefillPart(
                    promptTokens / await benchmark.PrefillAsync(), benchmark.OperationsPerToken),
            };
        }

        if (Asked(BenchmarkPart.Decode))
        {
            (double seconds, double bandwidth) = await benchmark.DecodeAsync(requests: 1);
            report = report with
            {
                Decode = new BenchmarkReport.DecodePart(
                    1 / seconds, benchmark.BytesPerToken, bandwidth == 0 ? null : bandwidth / 1e9),
            };
        }

        if (Asked(BenchmarkPart.Batch))
        {
            int requests = parsed.GetValue(_batch);
            report = report with
            {
                Batch = new BenchmarkReport.BatchPart(
                    requests, requests / (await benchmark.DecodeAsync(requests)).Seconds),
            };
        }

        if (Asked(BenchmarkPart.Answer))
        {
            report = report with { Answer = await benchmark.AskAsync(cancellation) };
        }

        using Process process = Process.GetCurrentProcess();
        return report with { Memory = new BenchmarkReport.MemoryPart(process.PeakWorkingSet64) };

        bool Asked(BenchmarkPart part)
        {
            cancellation.ThrowIfCancellationRequested();
            bool asked = parts.Contains(part);
            if (asked)
            {
                Tell(parsed, part.ToString().ToLowerInvariant());
            }

            return asked;
        }
    }

    /// <summary>Says what is under way: some parts take minutes.</summary>
    private static void Tell(ParseResult parsed, string part) =>
        parsed.InvocationConfiguration.Error.WriteLine($"{part} ...");
}
