using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class LiteralMatcherTests
{
    [Theory]
    [InlineData("x<a>", 1, 3, 0)]
    [InlineData("<a><ab>", 0, 3, 0)]
    [InlineData("<<ab>", 1, 4, 1)]
    [InlineData("x<a>y>", 1, 5, 2)]
    public void TryFind_SeveralLiterals_GivesLeftmostThenLongest(string text, int index, int length, int value)
    {
        LiteralMatcher matcher = Create("<a>", "<ab>", "<a>y>", "");

        Assert.True(matcher.TryFind(text, 0, out int foundIndex, out int foundLength, out int found));
        Assert.Equal((index, length, value), (foundIndex, foundLength, found));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<a")]
    [InlineData("<<<<")]
    public void TryFind_NoLiteral_GivesEnd(string text)
    {
        Assert.False(Create("<a>").TryFind(text, 0, out int index, out _, out _));
        Assert.Equal(text.Length, index);
    }

    private static LiteralMatcher Create(params string[] literals) =>
        new(literals.Select((text, value) => KeyValuePair.Create(text, value)));
}
