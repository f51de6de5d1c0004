using System.Text.Json;
using DenseConnector.Cli.Evaluation.Gqa;

namespace DenseConnector.Cli.Tests.Evaluation.Gqa;

[Trait("Suite", "Evaluation")]
public sealed class GqaScorerTests
{
    private static readonly JsonElement Expected = EvaluationData.Value("gqa", "expected_scores.json");

    [Fact]
    public void Convert_OfTheAnswers_GivesTheOfficialFile() => Assert.Equal(
        EvaluationData.Text("gqa", "testdev_balanced_predictions.json"),
        GqaPredictions.Convert(EvaluationData.File("gqa", "answers.jsonl")));

    [Fact]
    public void Score_OfTheAnswers_EqualsTheOfficialNumbers()
    {
        GqaScore score = Score("answers.jsonl");
        JsonElement scores = Expected.GetProperty("scores");
        Assert.Equal(scores.GetProperty("accuracy").GetDouble(), score.All.Percent);
        Assert.Equal(scores.GetProperty("binary").GetDouble(), score.Binary.Percent);
        Assert.Equal(scores.GetProperty("open").GetDouble(), score.Open.Percent);
        Assert.Equal(scores.GetProperty("distribution").GetDouble(), score.Distribution);
        AssertShares("accuracyPerStructuralType", score.ByStructure);
        AssertShares("accuracyPerSemanticType", score.ByMeaning);
        AssertShares("accuracyPerSteps", score.BySteps);
        AssertShares("accuracyPerLength", score.ByWords);
        Assert.Equal(Expected.Text("stdout"), score.Report());

        void AssertShares<T>(string name, IReadOnlyDictionary<T, GqaShare> shares) => Assert.Equal(
            scores.GetProperty(name).EnumerateObject().ToDictionary(
                share => share.Name, share => new GqaShare(share.Value[0].GetDouble(), share.Value[1].GetInt32())),
            shares.ToDictionary(share => $"{share.Key}", share => share.Value));
    }

    [Fact]
    public void Score_EveryQuestion_IsRightOrWrongAsOfficially() => Assert.Equal(
        Expected.GetProperty("correct").EnumerateObject()
            .ToDictionary(question => question.Name, question => question.Value.GetBoolean()),
        Score("answers.jsonl").Questions.ToDictionary(question => question.Id, question => question.IsCorrect));

    [Fact]
    public void Report_OfTheTinyModel_EqualsTheOfficialOne() => Assert.Equal(
        EvaluationData.Value("tiny_model_scores.json").Text("gqa"), Score("tiny_answers.jsonl").Report());

    private static GqaScore Score(string answers) => GqaScorer.Score(
        EvaluationData.File("gqa", "testdev_balanced_questions.json"), EvaluationData.File("gqa", answers));
}
