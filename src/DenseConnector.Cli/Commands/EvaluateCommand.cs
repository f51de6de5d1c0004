using System.CommandLine;
using System.Diagnostics;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Running;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector eval</c>: runs a benchmark of the zoo's table with its official prompts, settings and scores.
/// </summary>
internal sealed class EvaluateCommand
{
    private readonly Benchmark _benchmark;
    private readonly EvaluationArguments _arguments;
    private readonly LoadArguments _model = new();
    private readonly EvaluationScoring _scoring;

    private EvaluateCommand(Benchmark benchmark) => (_benchmark, _arguments, _scoring) =
        (benchmark, new EvaluationArguments(benchmark), new EvaluationScoring(benchmark));

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Command command = new("eval", "Run the official benchmarks: answers, scores and reports.");
        foreach (Benchmark benchmark in BenchmarkCatalog.All)
        {
            command.Subcommands.Add(new EvaluateCommand(benchmark).Create(
                $"{benchmark.Title}: {benchmark.Description}."));
        }

        command.Subcommands.Add(EvaluateScoreCommand.Create());
        command.Subcommands.Add(EvaluateReportCommand.Create());
        return command;
    }

    private Command Create(string description)
    {
        Command command = new(_benchmark.Name, description);
        _arguments.AddTo(command);
        _scoring.AddTo(command);
        _model.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        TextWriter error = parsed.InvocationConfiguration.Error;
        string output = _arguments.ReadOutput(parsed);
        int batch = _arguments.ReadBatch(parsed);
        GenerationOptions generation = _arguments.ReadGeneration(parsed, _benchmark.Generation);
        BenchmarkData data = _arguments.ReadData(parsed, _benchmark);
        IReadOnlyList<EvaluationItem> all = _benchmark.Read(data);
        int chunks = _arguments.ReadChunks(parsed);
        int chunk = _arguments.ReadChunk(parsed);
        (int first, EvaluationItem[] items) = Chunking.Take(all, data, chunks, chunk);
        EvaluationItem[] asked = [.. items.Take(_arguments.ReadLimit(parsed))];
        foreach (string note in data.Notes)
        {
            error.WriteLine(note);
        }

        MissingPictures.Report(asked, error);
        _benchmark.RequirePrograms();

        // The official code cuts what is longer than the model reads.
        await using DenseConnectorModel model = await _model.LoadAsync(
            parsed, cancellation, options => options with { MaxConcurrency = batch, LongPrompts = LongPrompts.Cut });
        Directory.CreateDirectory(output);
        bool scoresChoices = _arguments.ReadScoresChoices(parsed);
        RunRecord.Of(_benchmark, model.Info, generation, scoresChoices).Keep(output);
        string answerFile = Path.Combine(output, ChunkFiles.NameOf(chunks, chunk));
        using AnswerFile answers = new(answerFile, _benchmark, items, first, ModelId.Of(model.Info.Name));
        using FailureFile failures = new(Path.ChangeExtension(answerFile, ".failures.jsonl"));
        using ChoiceFile? choices =
            scoresChoices ? new ChoiceFile(Path.ChangeExtension(answerFile, ".choices.jsonl")) : null;
        RunningMean mean = new();
        foreach ((int index, IReadOnlyList<string> texts) in answers.Texts)
        {
            mean.Add(items[index], texts);
        }

        int there = answers.Texts.Count;
        Stopwatch watch = Stopwatch.StartNew();
        EvaluationRun run = new(model, _benchmark, generation, scoresChoices, batch);
        await RunProgress.RunAsync(
            error,
            "questions",
            Enumerable.Range(0, asked.Length).Except(answers.Texts.Keys).Count(),
            progress => run.RunAsync(
                asked,
                first,
                answers,
                failures,
                choices,
                outcome =>
                {
                    if (outcome.Texts is IReadOnlyList<string> texts)
                    {
                        mean.Add(items[outcome.Index], texts);
                    }

                    progress.Advance(mean.Describe());
                },
                cancellation));
        int answered = answers.Texts.Count;
        await error.WriteLineAsync(FormattableString.Invariant(
            $"{answered - there} questions answered in {watch.Elapsed.TotalSeconds:F1} s, ") +
            FormattableString.Invariant($"{there} were answered before."));
        ScoreRecord counts = new(
            _benchmark.Name, _benchmark.Title, all.Count, answered, failures.Count, mean.Percent);
        answers.Dispose();
        if (chunks == 1)
        {
            ItemRecord.WriteAll(output, all, answers.Texts);
        }

        await _scoring.RunAsync(parsed, data, output, answerFile, counts, cancellation);
        return failures.Count == 0 ? ExitCode.Success : ExitCode.Failure;
    }
}
