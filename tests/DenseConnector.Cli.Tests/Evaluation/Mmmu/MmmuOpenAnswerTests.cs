using DenseConnector.Cli.Evaluation.Mmmu;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuOpenAnswerTests
{
    [Fact]
    public void Read_EveryResponse_GivesTheRecordedValues() =>
        Assert.All(EvaluationData.Rows("mmmu", "open_parse.jsonl"), row => Assert.Equal(
            MmmuGoldens.Recorded(row.GetProperty("parsed")),
            MmmuGoldens.Written(MmmuOpenAnswer.Read(row.GetProperty("response").GetString()!))));
}
