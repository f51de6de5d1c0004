namespace DenseConnector.Cli.Evaluation.Vqa;

/// <summary>VQAv2: open questions about pictures; a server scores the answers.</summary>
internal sealed class VqaV2Benchmark : Benchmark
{
    private static readonly DataFile Questions = new(
        "questions", "LLaVA's eval.zip", "llava_vqav2_mscoco_test-dev2015.jsonl");

    private static readonly DataFile Split = new(
        "all questions of the split", "LLaVA's eval.zip", "llava_vqav2_mscoco_test2015.jsonl");

    private static readonly DataFile Images = new("pictures", "test2015.zip of COCO", "test2015");

    /// <summary>Makes the benchmark.</summary>
    public VqaV2Benchmark()
        : base("vqav2", "VQAv2", "open questions about pictures")
    {
        Files = [Questions, Split, Images];
        ImageFolder = Images;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) =>
        QuestionLines.Read(data.Find(Questions), data.Images);

    /// <inheritdoc/>
    public override EvaluationScore Score(BenchmarkData data, string answerFile)
    {
        VqaUpload upload = VqaUpload.ForVqaV2(data.Find(Split), answerFile);
        return new EvaluationScore(upload.Report()) { Files = [new OutputFile("upload.json", upload.File)] };
    }
}
