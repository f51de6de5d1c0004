using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation.Seed;

/// <summary>SEED-Bench: multiple choice about pictures and frames of videos.</summary>
internal sealed class SeedBenchmark : Benchmark
{
    private static readonly DataFile Questions = new("questions", "LLaVA's eval.zip", "llava-seed-bench.jsonl");

    private static readonly DataFile Annotations = new(
        "questions with answers", "the SEED-Bench dataset of the hub", "SEED-Bench.json");

    private static readonly DataFile Pictures = new(
        "pictures", "SEED-Bench-image.zip of the SEED-Bench dataset", "SEED-Bench-image");

    private static readonly DataFile Frames = new(
        "the middle frames of the videos", "the SEED-Bench dataset, as LLaVA's script extracts them",
        "SEED-Bench-video-image")
    {
        IsOptional = true,
    };

    private static readonly string[] Letters = ["A", "B", "C", "D"];

    /// <summary>Makes the benchmark.</summary>
    public SeedBenchmark()
        : base("seed", "SEED-Bench", "multiple choice in twelve dimensions")
    {
        FolderNames = ["seed_bench"];
        Files = [Questions, Annotations, Pictures, Frames];
        ImageFolder = Pictures;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data)
    {
        Dictionary<string, string> truth = [];
        foreach (JsonRecord annotation in JsonData.Read(data.Find(Annotations)).List("questions"))
        {
            truth[annotation.Key("question_id")] = annotation.Text("answer");
            truth[SeedBench.NumberOf(annotation)] = annotation.Text("answer");
        }

        // The questions name pictures with their folder.
        string images = data.GivenImages ?? data.Folder;
        IReadOnlyList<EvaluationItem> items = QuestionLines.Read(data.Find(Questions), images, question =>
        {
            string expected = truth.GetValueOrDefault(question.Key("question_id")) ?? throw new IOException(
                $"{question.Where}: {data.Find(Annotations)} has no question {question.Key("question_id")}.");
            return answer => new Verdict(answer == expected ? 1 : 0, answer, expected);
        });
        return [.. items.Select(item => item with { Choices = Letters })];
    }

    /// <inheritdoc/>
    public override EvaluationScore Score(BenchmarkData data, string answerFile)
    {
        SeedBench bench = new(data.Find(Annotations), answerFile);
        return new EvaluationScore(bench.Report())
        {
            Value = bench.Total,
            Groups = [.. bench.ByType.Select(type => new ScoreGroup("type", type.Name, type.Percent, type.Count))],
            Files = [new OutputFile("upload.jsonl", bench.WriteUpload())],
        };
    }
}
