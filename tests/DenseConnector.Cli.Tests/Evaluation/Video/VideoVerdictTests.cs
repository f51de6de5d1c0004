using System.Numerics;
using DenseConnector.Cli.Evaluation.Video;

namespace DenseConnector.Cli.Tests.Evaluation.Video;

[Trait("Suite", "Evaluation")]
public sealed class VideoVerdictTests
{
    [Theory]
    [InlineData("{'score': True}", 1)]
    [InlineData("{'score': False}", 0)]
    [InlineData("{'score': 4.9}", 4)]
    [InlineData("{'score': -1.9}", -1)]
    [InlineData("{'score': ' 3 '}", 3)]
    [InlineData("{'score': '4.5'}", null)]
    [InlineData("{'score': None}", null)]
    [InlineData("{'score': [5]}", null)]
    [InlineData("{'Score': 5}", null)]
    [InlineData("5", null)]
    public void Score_OfAReply_IsPythonsInt(string reply, int? score) =>
        Assert.Equal(score is int number ? new BigInteger(number) : null, VideoVerdict.Parse(reply)!.Score());

    [Theory]
    [InlineData("{'pred': 'no, yes'}", true)]
    [InlineData("{'pred': 'YES'}", true)]
    [InlineData("{'pred': 'No'}", false)]
    [InlineData("{'pred': 'unknown'}", false)]
    [InlineData("{'pred': 'maybe'}", null)]
    [InlineData("{'pred': True}", null)]
    [InlineData("{'score': 5}", null)]
    [InlineData("'yes'", null)]
    public void IsRight_OfAReply_LooksForYesFirst(string reply, bool? isRight) =>
        Assert.Equal(isRight, VideoVerdict.Parse(reply)!.IsRight());
}
