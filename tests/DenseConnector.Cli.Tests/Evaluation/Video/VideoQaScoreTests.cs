using DenseConnector.Cli.Evaluation.Video;

namespace DenseConnector.Cli.Tests.Evaluation.Video;

[Trait("Suite", "Evaluation")]
public sealed class VideoQaScoreTests
{
    [Theory]
    [InlineData("{'pred': 'yes', 'score': '4.5'}", 1, 0, 2)]
    [InlineData("{'pred': 'no'}", 1, 0, 2)]
    [InlineData("{'score': 5}", 1, 0, 4.5)]
    [InlineData("{'pred': 'no', 'score': False}", 1, 1, 2)]
    public void Of_SecondVerdict_CountsInTheMean(string second, int yes, int no, double average) => Assert.Equal(
        new VideoQaScore(yes, no, average),
        VideoQaScore.Of(new[] { "{'pred': 'yes', 'score': 4}", second }.Select(reply => VideoVerdict.Parse(reply)!)));
}
