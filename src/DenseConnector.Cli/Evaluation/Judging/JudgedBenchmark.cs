namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>A benchmark whose answers another model judges.</summary>
/// <param name="name">The name on the command line.</param>
/// <param name="title">The name in tables.</param>
/// <param name="description">What the benchmark measures, in a few words.</param>
/// <param name="judgeModel">The judge of the official script, which published scores are by.</param>
internal abstract class JudgedBenchmark(string name, string title, string description, string judgeModel)
    : Benchmark(name, title, description)
{
    /// <summary>The judge of the official script, which published scores are by.</summary>
    public string JudgeModel { get; } = judgeModel;

    /// <summary>What the judge is asked about a complete answer file, and how its replies are scored.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="answerFile">The answers.</param>
    /// <param name="judgeModel">The judge's name, which is part of every request.</param>
    /// <exception cref="IOException">A file cannot be read or is not as expected.</exception>
    public abstract JudgingPlan Judge(BenchmarkData data, string answerFile, string judgeModel);

    /// <summary>What scoring gives before the answers are judged.</summary>
    public override EvaluationScore Score(BenchmarkData data, string answerFile) => new(
        $"{Title}: the answers are not judged; name a judge with --judge-url, or score with one later " +
        "('eval score').\n");
}

/// <summary>The judging of an answer file.</summary>
/// <param name="Tasks">What the judge is asked, one task for each item.</param>
/// <param name="Score">Scores the replies, which come in the order of the tasks.</param>
internal sealed record JudgingPlan(
    IReadOnlyList<JudgeTask> Tasks, Func<IReadOnlyList<JudgedItem>, EvaluationScore> Score);
