using System.CommandLine;
using System.Text.Json;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Running;
using Microsoft.Extensions.AI;

namespace DenseConnector.Cli.Commands;

/// <summary>Scores answers at the end of a run or later, with a judge where the benchmark needs one.</summary>
internal sealed class EvaluationScoring
{
    private const string JudgementFileName = "judgements.jsonl";

    private readonly Benchmark _benchmark;
    private readonly JudgeArguments _judge = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print the result as one JSON object." };

    /// <summary>Scores a benchmark.</summary>
    public EvaluationScoring(Benchmark benchmark) => _benchmark = benchmark;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_json);
        if (_benchmark is JudgedBenchmark)
        {
            _judge.AddTo(command);
        }
    }

    /// <summary>Scores what was answered, keeps the result and prints it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="output">The output folder.</param>
    /// <param name="answerFile">The answers.</param>
    /// <param name="counts">How far the run has come.</param>
    /// <param name="cancellation">Ends the judging; what was judged is kept.</param>
    public async Task RunAsync(
        ParseResult parsed,
        BenchmarkData data,
        string output,
        string answerFile,
        ScoreRecord counts,
        CancellationToken cancellation)
    {
        ScoreRecord result = await EvaluationResult.KeepAsync(
            output, counts, async () => Finite(await ScoreAsync(parsed, data, output, answerFile, cancellation)));
        await parsed.InvocationConfiguration.Output.WriteAsync(
            parsed.GetValue(_json)
                ? JsonSerializer.Serialize(result, ToolJson.Options) + "\n"
                : EvaluationResult.Describe(result));
    }

    private async Task<EvaluationScore> ScoreAsync(
        ParseResult parsed, BenchmarkData data, string output, string answerFile, CancellationToken cancellation)
    {
        if (_benchmark is not JudgedBenchmark judged)
        {
            return _benchmark.Score(data, answerFile);
        }

        string model = _judge.ReadModel(parsed) ?? judged.JudgeModel;
        string judgements = Path.Combine(output, JudgementFileName);
        using IChatClient? client = _judge.Connect(parsed);
        if (client is null && !File.Exists(judgements))
        {
            return judged.Score(data, answerFile);
        }

        JudgingPlan judging = judged.Judge(data, answerFile, model);
        if (client is null)
        {
            using JudgementFile stored = JudgementFile.Read(judgements);
            return Score(judging, stored.Replay(judging.Tasks));
        }

        using JudgementFile file = JudgementFile.Open(judgements);
        Judge judge = new(client, _judge.ReadConcurrency(parsed));
        IReadOnlyList<JudgedItem> replies = [];
        await RunProgress.RunAsync(
            parsed.InvocationConfiguration.Error,
            "answers judged",
            judging.Tasks.Count,
            async progress => replies = await judge.AskAsync(
                judging.Tasks, file, _ => progress.Advance(), cancellation));
        return Score(judging, replies);
    }

    private static EvaluationScore Score(JudgingPlan judging, IReadOnlyList<JudgedItem> judged) =>
        judging.Score(judged) with
        {
            Judges = [.. judged.SelectMany(item => item.Replies).Select(reply => reply.Model).Distinct()],
        };

    /// <summary>
    /// Leaves out what is no number, such as a mean with a grade that is none: JSON has no word for it, and the
    /// official script's report tells of it.
    /// </summary>
    private static EvaluationScore Finite(EvaluationScore score) => score with
    {
        Value = score.Value is double value && double.IsFinite(value) ? value : null,
        Groups = [.. score.Groups.Where(group => double.IsFinite(group.Value))],
    };
}
