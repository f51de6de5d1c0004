using DenseConnector.Cli.Evaluation.MathVista;

namespace DenseConnector.Cli.Tests.Evaluation.MathVista;

[Trait("Suite", "Evaluation")]
public sealed class MathVistaExtractionTests
{
    [Fact]
    public void Find_EveryResponse_GivesTheRecordedAnswerOrNone() =>
        Assert.All(EvaluationData.Rows("mathvista", "extract_rules.jsonl"), row =>
        {
            bool isMultipleChoice = row.GetProperty("question_type").GetString() == MathVistaQuestion.MultipleChoice;
            string? found = MathVistaExtraction.Find(
                row.GetProperty("response").GetString()!,
                isMultipleChoice ? row.GetProperty("choices").Texts() : null,
                row.GetProperty("answer_type").GetString()!,
                row.GetProperty("quick_extract").GetBoolean());
            Assert.Equal(row.GetProperty("extraction").TextOrNull(), found);
            Assert.Equal(row.GetProperty("judge_called").GetBoolean(), found is null);
        });

    [Fact]
    public void IsDone_EveryExtraction_IsAsRecorded() =>
        Assert.All(EvaluationData.Rows("mathvista", "verify_extraction.jsonl"), row => Assert.Equal(
            row.GetProperty("done").GetBoolean(),
            MathVistaExtraction.IsDone(row.GetProperty("extraction").GetString()!)));
}
