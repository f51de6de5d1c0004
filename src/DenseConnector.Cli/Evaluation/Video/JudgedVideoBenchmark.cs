using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>A benchmark of questions about videos, whose answers another model judges.</summary>
internal abstract class JudgedVideoBenchmark : JudgedBenchmark
{
    /// <inheritdoc/>
    public override GenerationOptions Generation { get; } = new() { MaxNewTokens = 512 };

    /// <inheritdoc/>
    public override string AnswerField => "pred";

    /// <inheritdoc/>
    public override string JudgeModel => Rubric.Model;

    /// <summary>By what answers are judged.</summary>
    protected abstract VideoRubric Rubric { get; }

    /// <inheritdoc/>
    public override JudgingPlan Judge(BenchmarkData data, string answerFile, string judgeModel)
    {
        IReadOnlyList<VideoAnswer> answers = ReadAnswers(answerFile);
        return new JudgingPlan(
            [.. answers.Select(answer => Rubric.Task(answer, judgeModel))],
            judged =>
            {
                IReadOnlyList<VideoResult> results = VideoResult.Of(answers, judged);
                EvaluationScore score = Score(results);
                return score with { Files = [new OutputFile("results.json", VideoResult.Write(results))] };
            });
    }

    /// <summary>Reads the answers as they are judged.</summary>
    protected abstract IReadOnlyList<VideoAnswer> ReadAnswers(string file);

    /// <summary>Scores the judged answers.</summary>
    protected abstract EvaluationScore Score(IReadOnlyList<VideoResult> results);

    /// <summary>Leaves out questions whose video is missing, as the official scripts do.</summary>
    /// <exception cref="IOException">Not one video is there.</exception>
    protected IReadOnlyList<EvaluationItem> WithVideo(string folder, IReadOnlyCollection<EvaluationItem?> items)
    {
        EvaluationItem[] there = [.. items.OfType<EvaluationItem>()];
        return there.Length > 0 || items.Count == 0
            ? there
            : throw new IOException(
                $"{Title}: not one of the {items.Count} questions has its video (.mp4, .avi, .mov or .mkv) in " +
                $"'{folder}'. Put the videos there, or name their folder with --images.");
    }

    /// <summary>A mean as it is reported; <c>null</c> where there is nothing to take it of.</summary>
    protected static double? ValueOf(double mean) => double.IsNaN(mean) ? null : mean;
}
