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

    [Theory]
    [InlineData("The answer is Paris. So it is Rome", "text rome")]
    [InlineData("x = 3\ny = 4", "number 4.0")]
    [InlineData("2.675", "number 2.67")]
    [InlineData("0.125", "number 0.12")]
    [InlineData("1_000", "number 0.0|number 1000.0")]
    [InlineData("NaN", "number nan")]
    [InlineData("B", "text  b|text b ")]
    [InlineData("\U0001F600", "text  \U0001F600|text \U0001F600 ")]
    [InlineData("so nan\nso nan", "number nan|number nan")]
    public void Read_EachClauseOfTheRule_IsKept(string response, string expected) =>
        Assert.Equal(expected, string.Join('|', MmmuGoldens.Written(MmmuOpenAnswer.Read(response))));
}
