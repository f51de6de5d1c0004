using DenseConnector.Cli.Evaluation.Parquet;

namespace DenseConnector.Cli.Tests.Evaluation.Parquet;

[Trait("Suite", "Evaluation")]
public sealed class RunLengthsTests
{
    // So many groups that the number of their bytes seems to be eight again; no groups; a run of nothing.
    [Theory]
    [InlineData("8380808080808080400102030405060708")]
    [InlineData("0100")]
    [InlineData("000001")]
    public void Read_MoreGroupsThanBytesOrNone_IsRefused(string packed) => Assert.Throws<InvalidDataException>(
        () => RunLengths.Read(Convert.FromHexString(packed), 8, 8));
}
