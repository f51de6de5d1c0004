using System.Text;
using System.Text.Json;
using DenseConnector.Cli.Evaluation.TextVqa;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.TextVqa;

[Trait("Suite", "Evaluation")]
public sealed class TextVqaScorerTests
{
    private static readonly string Annotations = EvaluationData.File("textvqa", "TextVQA_val_annotations.json");

    [Fact]
    public void Score_EveryAnswer_EqualsTheOfficialScore()
    {
        IReadOnlyList<TextVqaScore> scores =
            TextVqaScorer.Score(Annotations, EvaluationData.File("textvqa", "answers.jsonl"));
        IReadOnlyList<JsonElement> expected = EvaluationData.Rows("textvqa", "expected_scores.jsonl");
        Assert.Equal(expected.Count, scores.Count);
        Assert.All(expected.Zip(scores), pair =>
        {
            Assert.Equal(pair.First.Text("joined_question"), pair.Second.Question);
            Assert.Equal(
                pair.First.GetProperty("annotation_question_id").GetInt32(),
                pair.Second.Annotation.Number("question_id"));
            Assert.Equal(pair.First.Text("processed"), pair.Second.Answer);
            Assert.Equal(pair.First.GetProperty("score").GetDouble(), pair.Second.Score);
        });

        JsonElement total = EvaluationData.Value("textvqa", "expected_total.json");
        Assert.Equal(total.GetProperty("accuracy").GetDouble(), TextVqaScorer.Accuracy(scores));
        Assert.Equal(total.Text("stdout"), TextVqaScorer.Report("answers", scores));
    }

    [Fact]
    public void Score_RepeatedAnnotation_TakesTheLast()
    {
        string annotation = """{"image_id": "p", "question": "Q?", "question_id": 1, "answers": []}""";
        string answers = string.Join(", ", Enumerable.Repeat("\"a-b\"", 10));
        using TemporaryFolder folder = new();
        string last = annotation.Replace("[]", $"[{answers}]", StringComparison.Ordinal);
        folder.Write(
            "annotations.json", Encoding.UTF8.GetBytes($$"""{"data": [{{annotation}}, {{last}}]}"""));
        folder.Write("answers.jsonl", """{"question_id": "p", "prompt": "q?\nShort.", "text": "A-B"}"""u8.ToArray());

        Assert.Equal(1, TextVqaScorer.Accuracy(TextVqaScorer.Score(
            Path.Combine(folder.Path, "annotations.json"), Path.Combine(folder.Path, "answers.jsonl"))));
    }

    [Fact]
    public void Report_OfTheTinyModel_EqualsTheOfficialOne() => Assert.Equal(
        EvaluationData.Value("tiny_model_scores.json").Text("textvqa"),
        TextVqaScorer.Report(
            "tiny_answers",
            TextVqaScorer.Score(Annotations, EvaluationData.File("textvqa", "tiny_answers.jsonl"))));
}
