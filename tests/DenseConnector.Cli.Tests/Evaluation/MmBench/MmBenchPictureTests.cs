using DenseConnector.Cli.Evaluation.MmBench;

namespace DenseConnector.Cli.Tests.Evaluation.MmBench;

/// <summary>The expected bytes are those of Python's <c>b64decode</c>.</summary>
[Trait("Suite", "Evaluation")]
public sealed class MmBenchPictureTests
{
    [Theory]
    [InlineData("AQID", "010203")]
    [InlineData("AQ==", "01")]
    [InlineData("AR==", "01")]
    [InlineData("AQI=AQID", "0102")]
    [InlineData("AQ=I=D", "0102")]
    [InlineData("=AQID", "010203")]
    [InlineData("A Q\nI-D", "010203")]
    [InlineData("", "")]
    public void Decode_Text_PassesOverWhatIsNoBase64(string text, string expected) =>
        Assert.Equal(expected, Convert.ToHexString(MmBenchPicture.Decode(text)));

    [Theory]
    [InlineData("A")]
    [InlineData("AQ")]
    [InlineData("AQ=")]
    public void Decode_BrokenOffText_Throws(string text) =>
        Assert.Throws<FormatException>(() => MmBenchPicture.Decode(text));
}
