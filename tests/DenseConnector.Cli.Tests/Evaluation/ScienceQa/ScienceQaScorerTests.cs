using DenseConnector.Cli.Evaluation.ScienceQa;

namespace DenseConnector.Cli.Tests.Evaluation.ScienceQa;

[Trait("Suite", "Evaluation")]
public sealed class ScienceQaScorerTests
{
    [Fact]
    public void Write_OfTheAnswers_GivesTheOfficialFiles()
    {
        IReadOnlyList<ScienceQaScore> scores = Score("answers.jsonl");
        Assert.Equal(EvaluationData.Text("scienceqa", "expected_output.json"), ScienceQaScorer.WriteAnswers(scores));
        Assert.Equal(EvaluationData.Text("scienceqa", "expected_result.json"), ScienceQaScorer.WriteResults(scores));
        Assert.Equal(
            EvaluationData.Value("scienceqa", "expected_total.json").Text("stdout"), ScienceQaScorer.Report(scores));
    }

    [Fact]
    public void Report_OfTheTinyModel_EqualsTheOfficialOne() => Assert.Equal(
        EvaluationData.Value("tiny_model_scores.json").Text("scienceqa"),
        ScienceQaScorer.Report(Score("tiny_answers.jsonl")));

    [Fact]
    public void Score_RepeatedAnswer_TakesTheLast()
    {
        string[] lines = File.ReadAllLines(EvaluationData.File("scienceqa", "answers.jsonl"));
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(
                file, [.. lines, lines[0].Replace("\"text\": \"", "\"text\": \"again ", StringComparison.Ordinal)]);
            Assert.StartsWith("again ", Score(file)[0].Answer, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IReadOnlyList<ScienceQaScore> Score(string answers) => ScienceQaScorer.Score(
        EvaluationData.File("scienceqa", "problems.json"),
        EvaluationData.File("scienceqa", "pid_splits.json"),
        "test",
        EvaluationData.File("scienceqa", answers));
}
