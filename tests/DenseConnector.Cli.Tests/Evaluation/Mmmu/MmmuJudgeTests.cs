using DenseConnector.Cli.Evaluation.Mmmu;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuJudgeTests
{
    [Fact]
    public void IsChoiceRight_EveryLetter_IsAsRecorded() =>
        Assert.All(EvaluationData.Rows("mmmu", "multiple_choice_eval.jsonl"), row => Assert.Equal(
            row.GetProperty("correct").GetBoolean(),
            MmmuJudge.IsChoiceRight(
                row.GetProperty("parsed").GetString()!, MmmuGoldens.Answers(row.GetProperty("answer")))));

    [Fact]
    public void IsOpenRight_EveryResponse_IsAsRecorded() =>
        Assert.All(EvaluationData.Rows("mmmu", "open_eval.jsonl"), row => Assert.Equal(
            row.GetProperty("correct").GetBoolean(),
            MmmuJudge.IsOpenRight(
                MmmuOpenAnswer.Read(row.GetProperty("response").GetString()!),
                MmmuGoldens.Answers(row.GetProperty("answer")))));
}
