using System.CommandLine;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Running;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector eval score</c>: scores answers without a model: those of all chunks, those of the official
/// scripts, or those that a judge has judged since.
/// </summary>
internal sealed class EvaluateScoreCommand
{
    private readonly Benchmark _benchmark;
    private readonly EvaluationArguments _arguments;
    private readonly EvaluationScoring _scoring;

    private readonly Option<string?> _answers = new("--answers")
    {
        Description = "An answer file, such as one of the official scripts; the output folder's by default.",
        HelpName = "file",
        Validators = { Parsing.RequireText },
    };

    private EvaluateScoreCommand(Benchmark benchmark) => (_benchmark, _arguments, _scoring) =
        (benchmark, new EvaluationArguments(benchmark), new EvaluationScoring(benchmark));

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Command command = new("score", "Score answers again, of all chunks or of other tools; no model is loaded.");
        foreach (Benchmark benchmark in BenchmarkCatalog.All)
        {
            EvaluateScoreCommand score = new(benchmark);
            Command one = new(benchmark.Name, $"{benchmark.Title}: {benchmark.Description}.") { score._answers };
            score._arguments.AddFoldersTo(one);
            score._scoring.AddTo(one);
            one.SetAction(score.RunAsync);
            command.Subcommands.Add(one);
        }

        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        BenchmarkData data = _arguments.ReadData(parsed, _benchmark);
        IReadOnlyList<EvaluationItem> items = _benchmark.Read(data);
        string output = _arguments.ReadOutput(parsed);
        Directory.CreateDirectory(output);
        int chunks = _arguments.ReadChunks(parsed);
        string? given = parsed.GetValue(_answers);
        if (given is null && chunks > 1)
        {
            ChunkFiles.Merge(output, data.Entries ?? items.Count, chunks);
        }

        string answerFile = given ?? Path.Combine(output, ChunkFiles.Whole);
        IReadOnlyDictionary<int, IReadOnlyList<string>> answers = AnswerFile.ReadTexts(answerFile, _benchmark, items);
        RunningMean mean = new();
        foreach ((int index, IReadOnlyList<string> texts) in answers)
        {
            mean.Add(items[index], texts);
        }

        ItemRecord.WriteAll(output, items, answers);
        ScoreRecord counts = new(
            _benchmark.Name, _benchmark.Title, items.Count, answers.Count, Failed: 0, mean.Percent);
        await _scoring.RunAsync(parsed, data, output, answerFile, counts, cancellation);
        return ExitCode.Success;
    }
}
