using DenseConnector.Cli.Evaluation.Seed;

namespace DenseConnector.Cli.Tests.Evaluation.Seed;

[Trait("Suite", "Evaluation")]
public sealed class SeedBenchTests
{
    private static readonly SeedBench Seed = new(
        EvaluationData.File("seed", "SEED-Bench.json"), EvaluationData.File("seed", "answers.jsonl"));

    [Fact]
    public void Report_OfTheAnswers_EqualsTheOfficialLines() =>
        Assert.Equal(EvaluationData.Value("seed", "expected_stdout.json").GetString(), Seed.Report());

    [Fact]
    public void WriteUpload_OfTheAnswers_GivesTheOfficialFile() =>
        Assert.Equal(EvaluationData.Text("seed", "expected_upload.jsonl"), Seed.WriteUpload());
}
