namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>Scores what a run answered, and leaves the result in the output folder.</summary>
internal static class EvaluationResult
{
    /// <summary>
    /// Keeps the result: the official score if all questions have an answer, else how far the run is.
    /// </summary>
    /// <param name="output">The output folder.</param>
    /// <param name="counts">How far the run has come.</param>
    /// <param name="score">Scores a complete run.</param>
    /// <exception cref="IOException">The answers cannot be scored or the result cannot be written.</exception>
    public static async Task<ScoreRecord> KeepAsync(
        string output, ScoreRecord counts, Func<Task<EvaluationScore>> score)
    {
        ScoreRecord record = counts;
        if (counts.IsComplete)
        {
            EvaluationScore official = await score();
            foreach (OutputFile file in official.Files)
            {
                File.WriteAllBytes(Path.Combine(output, file.Name), file.Content.Span);
            }

            if (official.Verdicts.Count > 0)
            {
                ItemRecord.Decide(output, official.Verdicts);
            }

            record = counts with
            {
                Metric = official.Metric,
                Value = official.Value,
                Report = official.Report,
                Groups = official.Groups,
                Judges = official.Judges,
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
            ? FormattableString.Invariant($" {percent:F2} % of the answers so far are right.")
            : string.Empty;
        string failed = record.Failed == 0
            ? string.Empty
            : FormattableString.Invariant($", {record.Failed} failed: the failures file beside the answers says why");
        return FormattableString.Invariant(
            $"{record.Title}: {record.Answered} of {record.Questions} questions have an answer{failed}.{soFar} ") +
            "The official score needs an answer to every question.\n";
    }
}
