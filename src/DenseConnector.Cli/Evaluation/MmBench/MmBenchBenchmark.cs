using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>MMBench: multiple choice about many abilities; a server scores the uploaded workbook.</summary>
/// <param name="isChinese">Whether questions and instruction are Chinese.</param>
/// <param name="isEveryRound">Whether each question is asked once for each order of its options.</param>
internal sealed class MmBenchBenchmark(bool isChinese, bool isEveryRound) : Benchmark
{
    private readonly DataFile _questions = new(
        "questions with their pictures",
        "the MMBench repository",
        isChinese ? "mmbench_dev_cn_20231003.tsv" : "mmbench_dev_20230712.tsv",
        "mmbench_dev.tsv");

    /// <inheritdoc/>
    public override string Name => FolderName + (isEveryRound ? "-all-rounds" : string.Empty);

    /// <inheritdoc/>
    public override string Title => isChinese ? "MMBench-CN" : "MMBench";

    /// <inheritdoc/>
    public override string FolderName => isChinese ? "mmbench_cn" : "mmbench";

    /// <inheritdoc/>
    public override string Description =>
        (isChinese ? "multiple choice in Chinese" : "multiple choice about many abilities") +
        (isEveryRound ? ", in every order of the options" : string.Empty);

    /// <inheritdoc/>
    public override IReadOnlyList<DataFile> Files => [_questions];

    /// <inheritdoc/>
    public override GenerationOptions Generation { get; } = new() { MaxNewTokens = 1024 };

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) =>
        [.. MmBenchQuestion.Read(data.Find(_questions))
            .SelectMany(question => MmBenchRound.Of(question, isEveryRound))
            .Select(round => new EvaluationItem
            {
                Identity = round.Identify(),
                Text = round.Ask(isChinese),
                Visual = new PictureBytes(() => round.Question.ReadPicture()),
                Choices = round.Letters,
                Detail = round,
            })];

    /// <inheritdoc/>
    public override IAnswerLines StartLines() => new Lines();

    /// <inheritdoc/>
    public override EvaluationScore Score(BenchmarkData data, string answerFile) =>
        new("The server of MMBench scores upload.xlsx.\n")
        {
            Files = [new OutputFile("upload.xlsx", MmBenchUpload.Write(data.Find(_questions), answerFile))],
        };

    private sealed class Lines : IAnswerLines
    {
        public JsonObject Write(EvaluationItem item, string text, string answerId, string model) =>
            ((MmBenchRound)item.Detail!).WriteAnswer(text, answerId, model);
    }
}
