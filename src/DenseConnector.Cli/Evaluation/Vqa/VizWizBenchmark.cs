namespace DenseConnector.Cli.Evaluation.Vqa;

/// <summary>VizWiz: questions of blind people; a server scores the answers.</summary>
internal sealed class VizWizBenchmark : Benchmark
{
    private static readonly DataFile Questions = new("questions", "LLaVA's eval.zip", "llava_test.jsonl");

    private static readonly DataFile Images = new("pictures", "test.zip of VizWiz", "test");

    /// <summary>Makes the benchmark.</summary>
    public VizWizBenchmark()
        : base("vizwiz", "VizWiz", "questions of blind people")
    {
        Files = [Questions, Images];
        ImageFolder = Images;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) =>
        QuestionLines.Read(data.Find(Questions), data.Images);

    /// <inheritdoc/>
    public override EvaluationScore Score(BenchmarkData data, string answerFile)
    {
        VqaUpload upload = VqaUpload.ForVizWiz(data.Find(Questions), answerFile);
        return new EvaluationScore(upload.Report()) { Files = [new OutputFile("upload.json", upload.File)] };
    }
}
