using DenseConnector.Cli.Chatting;

namespace DenseConnector.Cli.Tests.Chatting;

public sealed class InterruptsTests : IDisposable
{
    private readonly Interrupts _interrupts = new();

    [Fact]
    public void Press_Once_StopsWithoutEnding()
    {
        CancellationToken stop = _interrupts.Stop;

        _interrupts.Press();

        Assert.True(stop.IsCancellationRequested);
        Assert.False(_interrupts.End.IsCancellationRequested);
    }

    [Fact]
    public void Press_Twice_Ends()
    {
        _interrupts.Press();
        _interrupts.Press();

        Assert.True(_interrupts.End.IsCancellationRequested);
    }

    [Fact]
    public void Rearm_AfterOne_MakesTheNextAFirstAgain()
    {
        _interrupts.Press();
        _interrupts.Rearm();
        Assert.False(_interrupts.Stop.IsCancellationRequested);

        _interrupts.Press();

        Assert.True(_interrupts.Stop.IsCancellationRequested);
        Assert.False(_interrupts.End.IsCancellationRequested);
    }

    public void Dispose() => _interrupts.Dispose();
}
