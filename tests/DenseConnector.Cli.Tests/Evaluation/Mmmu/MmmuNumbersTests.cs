using DenseConnector.Cli.Evaluation.Mmmu;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuNumbersTests
{
    [Fact]
    public void Find_EveryText_GivesTheRecordedNumbers() =>
        Assert.All(EvaluationData.Rows("mmmu", "extract_numbers.jsonl"), row => Assert.Equal(
            row.GetProperty("numbers").Texts(),
            MmmuNumbers.Find(row.GetProperty("text").GetString()!)));
}
