using DenseConnector.Cli.Evaluation.Mmmu;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuValueTests
{
    [Fact]
    public void Normalize_EveryText_GivesTheRecordedForms() =>
        Assert.All(EvaluationData.Rows("mmmu", "normalize_str.jsonl"), row =>
        {
            IReadOnlyList<MmmuValue> forms = MmmuValue.Normalize(row.GetProperty("text").GetString()!);
            Assert.Equal(MmmuGoldens.Recorded(row.GetProperty("result")), MmmuGoldens.Written(forms));
            Assert.Equal(row.GetProperty("is_number").GetBoolean(), forms[0].Text is null);
        });
}
