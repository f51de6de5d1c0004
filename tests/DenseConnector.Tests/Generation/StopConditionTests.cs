using DenseConnector.Generation;

namespace DenseConnector.Tests.Generation;

public sealed class StopConditionTests
{
    private static readonly HashSet<int> End = [2];

    [Fact]
    public void IsEnd_OnlyEndingTokens_AreEnds()
    {
        StopCondition stop = new(End, []);
        Assert.True(stop.IsEnd(2));
        Assert.False(stop.IsEnd(3));
    }

    [Fact]
    public void Append_NoStopSequences_HoldsNothingBack()
    {
        StopCondition stop = new(End, []);
        Assert.Equal("abc", stop.Append("abc", out bool stopped));
        Assert.False(stopped);
    }

    [Fact]
    public void Append_StopAcrossPieces_EndsBeforeIt()
    {
        StopCondition stop = new(End, ["###"]);
        Assert.Equal("one", stop.Append("one#", out _));
        Assert.Equal(string.Empty, stop.Append("#", out _));
        Assert.Equal(string.Empty, stop.Append("# two", out bool stopped));
        Assert.True(stopped);
    }

    [Fact]
    public void Append_StartThatTurnsOutOtherwise_IsShownAfterAll()
    {
        StopCondition stop = new(End, ["###"]);
        Assert.Equal("a", stop.Append("a##", out _));
        Assert.Equal("##b", stop.Append("b", out bool stopped));
        Assert.False(stopped);
    }

    [Fact]
    public void Append_OverlappingStart_KeepsTheLongestTail()
    {
        StopCondition stop = new(End, ["aab"]);
        Assert.Equal("a", stop.Append("aaa", out _));
        Assert.Equal(string.Empty, stop.Append("b", out bool stopped));
        Assert.True(stopped);
    }

    [Fact]
    public void Append_SeveralStops_TheEarliestCounts()
    {
        StopCondition stop = new(End, ["later", "now"]);
        Assert.Equal("do it ", stop.Append("do it now, not later", out bool stopped));
        Assert.True(stopped);
    }

    [Fact]
    public void Flush_HeldStart_IsGivenBack()
    {
        StopCondition stop = new(End, ["END"]);
        Assert.Equal("x", stop.Append("xEN", out _));
        Assert.Equal("EN", stop.Flush());
        Assert.Equal(string.Empty, stop.Flush());
    }
}
