namespace DenseConnector.Cli.Evaluation.TextVqa;

/// <summary>TextVQA: questions about text in pictures, scored by agreement with ten people.</summary>
internal sealed class TextVqaBenchmark : Benchmark
{
    private static readonly DataFile Questions = new(
        "questions with OCR tokens",
        "LLaVA's eval.zip",
        "llava_textvqa_val_v051_ocr.jsonl",
        "llava_textvqa_val_ocr.jsonl");

    private static readonly DataFile Annotations = new(
        "the answers of ten people",
        "the validation set of textvqa.org",
        "TextVQA_0.5.1_val.json",
        "TextVQA_val_annotations.json");

    private static readonly DataFile Images = new("pictures", "train_val_images.zip of textvqa.org", "train_images");

    /// <summary>Makes the benchmark.</summary>
    public TextVqaBenchmark()
        : base("textvqa", "TextVQA", "text in pictures")
    {
        Files = [Questions, Annotations, Images];
        ImageFolder = Images;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data)
    {
        TextVqaAnnotations annotations = new(data.Find(Annotations));
        return QuestionLines.Read(data.Find(Questions), data.Images, question =>
        {
            TextVqaAnnotation annotation = annotations.Find(question, question.Text("text"));
            string expected = string.Join(" | ", annotation.Given.Distinct());
            return answer =>
            {
                TextVqaScore score = annotation.Score(answer);
                return new Verdict(score.Score, score.Answer, expected);
            };
        });
    }

    /// <inheritdoc/>
    public override EvaluationScore Score(BenchmarkData data, string answerFile)
    {
        IReadOnlyList<TextVqaScore> scores = TextVqaScorer.Score(data.Find(Annotations), answerFile);
        return new EvaluationScore(TextVqaScorer.Report(Path.GetFileNameWithoutExtension(answerFile), scores))
        {
            Value = 100 * TextVqaScorer.Accuracy(scores),
        };
    }
}
