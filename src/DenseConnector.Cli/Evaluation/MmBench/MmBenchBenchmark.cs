using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>MMBench: multiple choice about many abilities; a server scores the uploaded workbook.</summary>
internal sealed class MmBenchBenchmark : Benchmark
{
    private const string Folder = "mmbench";
    private const string ChineseFolder = "mmbench_cn";

    private readonly bool _isChinese;
    private readonly bool _isEveryRound;
    private readonly DataFile _questions;

    /// <summary>Makes the benchmark.</summary>
    /// <param name="isChinese">Whether questions and instruction are Chinese.</param>
    /// <param name="isEveryRound">Whether each question is asked once for each order of its options.</param>
    public MmBenchBenchmark(bool isChinese, bool isEveryRound)
        : base(
            (isChinese ? ChineseFolder : Folder) + (isEveryRound ? "-all-rounds" : string.Empty),
            isChinese ? "MMBench-CN" : "MMBench",
            (isChinese ? "multiple choice in Chinese" : "multiple choice about many abilities") +
                (isEveryRound ? ", in every order of the options" : string.Empty))
    {
        (_isChinese, _isEveryRound) = (isChinese, isEveryRound);
        _questions = new DataFile(
            "questions with their pictures",
            "the MMBench repository",
            isChinese ? "mmbench_dev_cn_20231003.tsv" : "mmbench_dev_20230712.tsv",
            "mmbench_dev.tsv");
        FolderNames = isChinese ? [ChineseFolder, Folder] : [Folder];
        Files = [_questions];
        PadsUnconverted = true;
        Generation = new GenerationOptions { MaxNewTokens = 1024 };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data)
    {
        IReadOnlyList<MmBenchQuestion> questions = MmBenchQuestion.Read(data.Find(_questions));
        data.Entries = questions.Count;
        return [.. questions.SelectMany((question, entry) =>
            MmBenchRound.Of(question, _isEveryRound).Select(round => new EvaluationItem
            {
                Entry = entry,
                Identity = round.Identify(),
                Questions = [round.Ask(_isChinese)],
                Visual = new PictureBytes(() => round.Question.ReadPicture()),
                Choices = round.Letters,
                Judge = round.Judge,
                Detail = round,
            }))];
    }

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
        public JsonObject Write(EvaluationItem item, IReadOnlyList<string> texts, string answerId, string model) =>
            ((MmBenchRound)item.Detail!).WriteAnswer(texts[0], answerId, model);
    }
}
