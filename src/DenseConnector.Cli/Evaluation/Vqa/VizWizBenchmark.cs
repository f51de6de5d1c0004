namespace DenseConnector.Cli.Evaluation.Vqa;

/// <summary>VizWiz: questions of blind people; a server scores the answers.</summary>
internal sealed class VizWizBenchmark : Benchmark
{
    private static readonly DataFile Questions = new("questions", "LLaVA's eval.zip", "llava_test.jsonl");

    private static readonly DataFile Images = new("pictures", "test.zip of VizWiz", "test");

    /// <inheritdoc/>
    public override string Name => "vizwiz";

    /// <inheritdoc/>
    public override string Title => "VizWiz";

    /// <inheritdoc/>
    public override string Description => "questions of blind people";

    /// <inheritdoc/>
    public override IReadOnlyList<DataFile> Files => [Questions, Images];

    /// <inheritdoc/>
    public override DataFile? ImageFolder => Images;

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
