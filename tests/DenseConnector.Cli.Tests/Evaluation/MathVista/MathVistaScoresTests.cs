using System.Text.Json;
using DenseConnector.Cli.Evaluation.MathVista;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaScoresTests
{
    private const string Skills = "skills";

    [Theory]
    [InlineData(false, "expected_scores.json")]
    [InlineData(true, "expected_scores_int_precision.json")]
    public void Of_WholeRun_AreTheRecordedScores(bool isWholePrecision, string scores)
    {
        JsonElement expected = EvaluationData.Value("mathvista", scores);
        MathVistaResult[] results = [.. EvaluationData.Value("mathvista", "extracted.json").EnumerateObject()
            .Select(item => Result(item.Value, isWholePrecision))];
        Assert.Equal(Score(expected.GetProperty("average")), MathVistaScores.Average(results));
        Assert.All(expected.EnumerateObject().Where(kind => kind.Name != "average"), kind =>
        {
            IEnumerable<(string Group, MathVistaScore Score)> recorded =
                kind.Value.EnumerateObject().Select(group => (group.Name, Score(group.Value)));
            IEnumerable<(string Group, MathVistaScore Score)> found = MathVistaScores.Of(results, kind.Name);

            // Skills come from a set, so the order of equal ones is chance.
            Assert.Equal(
                kind.Name == Skills ? recorded.OrderBy(row => row.Group, StringComparer.Ordinal) : recorded,
                kind.Name == Skills ? found.OrderBy(row => row.Group, StringComparer.Ordinal) : found);
        });
    }

    [Fact]
    public void Average_HalfRight_HasTheShortestDigits() => Assert.Equal(
        new MathVistaScore("50.0", 1, 2),
        MathVistaScores.Average([new MathVistaResult(true, []), new MathVistaResult(false, [])]));

    [Fact]
    public void Of_SkillNamedTwice_CountsOnce() => Assert.Equal(
        [("algebra", new MathVistaScore("100.00", 1, 1))],
        MathVistaScores.Of([new MathVistaResult(true, [(Skills, "algebra"), (Skills, "algebra")])], Skills));

    [Fact]
    public void Of_EqualScores_StandAsTheAnswersNameThem() => Assert.Equal(
        ["c", "b", "d", "a"],
        MathVistaScores.Of(
            [
                new MathVistaResult(false, [("task", "b")]),
                new MathVistaResult(true, [("task", "c")]),
                new MathVistaResult(false, [("task", "d")]),
                new MathVistaResult(false, [("task", "a")]),
            ],
            "task").Select(row => row.Group));

    private static MathVistaResult Result(JsonElement item, bool isWholePrecision) => new(
        MathVistaAnswerTests.Predict(item, isWholePrecision) == item.GetProperty("answer").GetString(),
        [
            .. item.EnumerateObject().Concat(item.GetProperty("metadata").EnumerateObject())
                .Where(field => field.Value.ValueKind == JsonValueKind.String)
                .Select(field => (field.Name, field.Value.GetString()!)),
            .. item.GetProperty("metadata").GetProperty(Skills).Texts().Select(skill => (Skills, skill)),
        ]);

    private static MathVistaScore Score(JsonElement row) => new(
        row.GetProperty("accuracy").GetString()!,
        row.GetProperty("correct").GetInt32(),
        row.GetProperty("total").GetInt32());
}
