using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mme;

/// <summary>MME: perception and cognition, by two questions about each picture.</summary>
internal sealed class MmeBenchmark : Benchmark
{
    private static readonly DataFile Questions = new("questions", "LLaVA's eval.zip", "llava_mme.jsonl");

    private static readonly DataFile Truth = new(
        "pictures and right answers, a folder for each task",
        "the MME repository, on request",
        "MME_Benchmark_release_version",
        "ground_truth");

    /// <summary>Makes the benchmark.</summary>
    public MmeBenchmark()
        : base("mme", "MME", "perception and cognition, yes or no")
    {
        FolderNames = ["MME"];
        Files = [Questions, Truth];
        ImageFolder = Truth;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data)
    {
        MmeTruth truth = new(data.Find(Truth));
        return QuestionLines.Read(data.Find(Questions), data.Images, question =>
        {
            string expected = PythonText.Lower(truth.Find(question, question.Text("text")).Answer);
            return answer =>
            {
                string label = MmeScorer.LabelOf(answer);
                return new Verdict(label == expected ? 1 : 0, label, expected);
            };
        });
    }

    /// <inheritdoc/>
    public override EvaluationScore Score(BenchmarkData data, string answerFile)
    {
        IReadOnlyDictionary<string, string> tables = MmeConversion.Convert(data.Find(Truth), answerFile);
        IReadOnlyList<MmeScore> perception = MmeScorer.Score(MmeScorer.Perception, tables);
        IReadOnlyList<MmeScore> cognition = MmeScorer.Score(MmeScorer.Cognition, tables);
        return new EvaluationScore(MmeScorer.Report(tables))
        {
            Metric = "perception score",
            Value = perception.Sum(score => score.Score),
            Groups = [.. Groups("perception", perception), .. Groups("cognition", cognition)],
            Files = [.. tables.Select(table => new OutputFile($"{table.Key}.txt", table.Value))],
        };
    }

    private static IEnumerable<ScoreGroup> Groups(string kind, IEnumerable<MmeScore> scores) =>
        scores.Select(score => new ScoreGroup(kind, score.Task, score.Score, score.Questions));
}
