using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation.Gqa;

/// <summary>GQA: compositional questions about real scenes.</summary>
internal sealed class GqaBenchmark : Benchmark
{
    private static readonly DataFile Questions = new(
        "questions", "LLaVA's eval.zip", "llava_gqa_testdev_balanced.jsonl");

    private static readonly DataFile Truth = new(
        "questions with answers",
        "questions1.2.zip of the GQA site",
        "data/testdev_balanced_questions.json",
        "data/questions1.2/testdev_balanced_questions.json",
        "testdev_balanced_questions.json");

    private static readonly DataFile Images = new("pictures", "images.zip of the GQA site", "data/images");

    /// <summary>Makes the benchmark.</summary>
    public GqaBenchmark()
        : base("gqa", "GQA", "compositional questions about scenes")
    {
        Files = [Questions, Truth, Images];
        ImageFolder = Images;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data)
    {
        JsonRecord truth = JsonData.Read(data.Find(Truth));
        return QuestionLines.Read(data.Find(Questions), data.Images, question =>
        {
            string expected = truth.Object(question.Text("question_id")).Text("answer");
            return answer =>
            {
                string prediction = GqaPredictions.Normalise(answer);
                return new Verdict(prediction == expected ? 1 : 0, prediction, expected);
            };
        });
    }

    /// <inheritdoc/>
    public override EvaluationScore Score(BenchmarkData data, string answerFile)
    {
        GqaScore score = GqaScorer.Score(data.Find(Truth), answerFile);
        return new EvaluationScore(score.Report())
        {
            Value = score.All.Percent,
            Groups =
            [
                .. Groups("structural type", score.ByStructure),
                .. Groups("semantic type", score.ByMeaning),
                .. Groups("steps", score.BySteps),
                .. Groups("words", score.ByWords),
            ],
            Files = [new OutputFile("testdev_balanced_predictions.json", GqaPredictions.Convert(answerFile))],
        };
    }

    private static IEnumerable<ScoreGroup> Groups<T>(string kind, IReadOnlyDictionary<T, GqaShare> shares) =>
        shares.Select(share => new ScoreGroup(kind, $"{share.Key}", share.Value.Percent, share.Value.Questions));
}
