namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>Scores what a run answered, and leaves the result in the output folder.</summary>
internal static class EvaluationResult
{
    /// <summary>Scores a run: officially if all questions have an answer, else by the verdicts so far.</summary>
    /// <param name="benchmark">The benchmark.</param>
    /// <param name="data">Its data.</param>
    /// <param name="output">The output folder.</param>
    /// <param name="answerFile">The answers.</param>
    /// <param name="counts">How far the run has come.</param>
    /// <exception cref="IOException">The answers cannot be scored or the result cannot be written.</exception>
    public static ScoreRecord Keep(
        Benchmark benchmark, BenchmarkData data, string output, string answerFile, ScoreRecord counts)
    {
        ScoreRecord record = counts;
        if (counts.IsComplete)
        {
            EvaluationScore score = benchmark.Score(data, answerFile);
            foreach (OutputFile file in score.Files)
            {
                File.WriteAllBytes(Path.Combine(output, file.Name), file.Content.Span);
            }

            record = counts with
            {
                Metric = score.Metric,
                Value = score.Value,
                Report = score.Report,
                Groups = score.Groups,
            };
        }

        record.Write(output);
        return record;
    }

    /// <summary>The result for people.</summary>
    public static string Describe(ScoreRecord record)
    {
        if (record.Report is not null)
        {
            string value = record.Value is double number
                ? FormattableString.Invariant($"{record.Title} {record.Metric}: {number:F2}\n")
                : string.Empty;
            return record.Report + value;
        }

        string soFar = record.RunningScore is double percent
            ? FormattableString.Invariant($" {percent:F2} % of the answers so far are right;")
            : string.Empty;
        string failed = record.Failed == 0
            ? string.Empty
            : FormattableString.Invariant($", {record.Failed} failed: the failures file beside the answers says why");
        return FormattableString.Invariant(
            $"{record.Title}: {record.Answered} of {record.Questions} questions have an answer{failed}.{soFar} the ") +
            "official score needs them all.\n";
    }
}
