namespace DenseConnector.Cli.Evaluation.Pope;

/// <summary>POPE: whether objects are in a picture, asked so that hallucinations show.</summary>
internal sealed class PopeBenchmark : Benchmark
{
    private static readonly DataFile Questions = new("questions", "LLaVA's eval.zip", "llava_pope_test.jsonl");

    private static readonly DataFile Labels = new(
        "the labels of each category", "output/coco of the POPE repository", "coco");

    private static readonly DataFile Images = new("pictures", "val2014.zip of COCO", "val2014");

    /// <summary>Makes the benchmark.</summary>
    public PopeBenchmark()
        : base("pope", "POPE", "hallucinated objects")
    {
        Files = [Questions, Labels, Images];
        ImageFolder = Images;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data)
    {
        // Labels belong to questions by their order in each category.
        Dictionary<string, IEnumerator<bool>> labels = PopeScorer.ReadLabels(data.Find(Labels)).ToDictionary(
            category => category.Key, category => category.Value.GetEnumerator());
        return QuestionLines.Read(data.Find(Questions), data.Images, question =>
        {
            if (!labels.TryGetValue(question.Text("category"), out IEnumerator<bool>? next) || !next.MoveNext())
            {
                throw new IOException(
                    $"{question.Where}: '{data.Find(Labels)}' has no label for this question of the category " +
                    $"'{question.Text("category")}'. Take the labels that belong to the questions.");
            }

            bool expected = next.Current;
            return answer => new Verdict(
                PopeScorer.MeansYes(answer) == expected ? 1 : 0, Word(PopeScorer.MeansYes(answer)), Word(expected));
        });
    }

    /// <inheritdoc/>
    public override EvaluationScore Score(BenchmarkData data, string answerFile)
    {
        IReadOnlyList<PopeScore> scores =
            PopeScorer.Score(data.Find(Labels), data.Find(Questions), answerFile);
        return new EvaluationScore(string.Concat(scores.Select(score => score.Report())))
        {
            Metric = "mean F1",
            Value = 100 * scores.Average(score => score.F1),
            Groups =
            [
                .. scores.Select(score => new ScoreGroup("F1", score.Category, 100 * score.F1, score.Answers)),
                .. scores.Select(
                    score => new ScoreGroup("accuracy", score.Category, 100 * score.Accuracy, score.Answers)),
            ],
        };
    }

    private static string Word(bool isYes) => isYes ? "yes" : "no";
}
