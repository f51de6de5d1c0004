using DenseConnector.Generation;

namespace DenseConnector.Tests.Generation;

public sealed class SchedulerTests : TensorTest
{
    private readonly TinyParts _parts;

    // Not in a field initializer, which would run before the base opens its scope.
    public SchedulerTests() => _parts = new TinyParts();

    protected override void DisposeTest() => _parts.Dispose();

    [Fact]
    public void Step_NothingToDo_SaysSo()
    {
        using Scheduler scheduler = Make(2);

        Assert.False(scheduler.Step());
    }

    [Fact]
    public void Step_MoreRequestsThanActive_TakeTurnsAndThenTheNext()
    {
        using Scheduler scheduler = Make(maxActive: 2);
        GenerationRequest[] requests = [Request(0, 3), Request(1, 5), Request(2, 2)];
        Array.ForEach(requests, scheduler.Submit);

        // One step gives each active request its next token; the third starts when the first has its three.
        int[][] ended = [.. Enumerable.Range(0, 5).Select(_ =>
        {
            scheduler.Step();
            return requests.Select((request, index) => (request, index)).Where(pair => HasEnded(pair.request))
                .Select(pair => pair.index).ToArray();
        })];

        Assert.Equal([[], [], [0], [0], [0, 1, 2]], ended);
        Assert.False(scheduler.Step());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Step_ManyRequests_EachGetsTheAnswerItGetsAlone(int maxActive)
    {
        using Scheduler scheduler = Make(maxActive);
        GenerationRequest[] together = [.. Enumerable.Range(0, 5).Select(i => Request(i, 6 + i))];
        Array.ForEach(together, scheduler.Submit);
        Run(scheduler);

        for (int i = 0; i < together.Length; i++)
        {
            GenerationRequest alone = Request(i, 6 + i);
            scheduler.Submit(alone);
            Run(scheduler);
            Assert.Equal(TinyParts.Read(alone), TinyParts.Read(together[i]));
        }
    }

    [Fact]
    public void Step_BeamSearchesAmongOthers_EachGetsTheAnswerItGetsAlone()
    {
        using Scheduler scheduler = Make(4);
        GenerationRequest[] together = [.. Enumerable.Range(0, 6).Select(Mixed)];
        Array.ForEach(together, scheduler.Submit);
        Run(scheduler);

        for (int i = 0; i < together.Length; i++)
        {
            GenerationRequest alone = Mixed(i);
            scheduler.Submit(alone);
            Run(scheduler);
            int[] answer = TinyParts.Read(alone);
            Assert.Equal(8, answer.Length);
            Assert.Equal(answer, TinyParts.Read(together[i]));
        }

        static GenerationRequest Mixed(int seed) => TinyParts.Request(
            TinyParts.Prompt(4 + seed, seed),
            8,
            options: new GenerationOptions { Beams = 1 + (seed % 3), Temperature = seed / 4, Seed = seed });
    }

    [Fact]
    public void Step_RequestThatFails_DoesNotDisturbTheOthers()
    {
        using Scheduler scheduler = Make(2);
        GenerationRequest good = Request(1, 6);
        GenerationRequest noSuchToken = TinyParts.Request([1, 5000], 6);
        GenerationRequest noRoom = Request(2, -20);
        GenerationRequest last = Request(3, 2);
        foreach (GenerationRequest request in new[] { good, noSuchToken, noRoom, last })
        {
            scheduler.Submit(request);
        }

        Run(scheduler);

        Assert.NotNull(TinyParts.Error(noSuchToken));
        Assert.NotNull(TinyParts.Error(noRoom));
        GenerationRequest alone = Request(1, 6);
        scheduler.Submit(alone);
        Run(scheduler);
        Assert.Equal(TinyParts.Read(alone), TinyParts.Read(good));
        Assert.Equal(2, TinyParts.Read(last).Length);
    }

    [Fact]
    public void Step_CancelledRequest_EndsItAndGoesOn()
    {
        using Scheduler scheduler = Make(2);
        using CancellationTokenSource cancel = new();
        GenerationRequest cancelled = TinyParts.Request(TinyParts.Prompt(4), 50, cancellation: cancel.Token);
        GenerationRequest other = Request(1, 3);
        scheduler.Submit(cancelled);
        scheduler.Submit(other);
        scheduler.Step();

        cancel.Cancel();
        Run(scheduler);

        TinyParts.Read(cancelled);
        Assert.True(cancelled.Updates.Completion.IsCanceled || cancelled.Updates.Completion.IsFaulted);
        Assert.Equal(3, TinyParts.Read(other).Length);
    }

    [Fact]
    public void Step_EndedRequest_LeavesNoTensor()
    {
        using Scheduler scheduler = Make(4);
        long before = LiveTensors;
        scheduler.Submit(Request(0, 5));
        scheduler.Submit(TinyParts.Request([5000], 5));

        Run(scheduler);

        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Dispose_ActiveAndWaiting_AllFailAndLeaveNoTensor()
    {
        long before = LiveTensors;
        Scheduler scheduler = Make(1);
        GenerationRequest active = Request(0, 9);
        GenerationRequest waiting = Request(1, 9);
        scheduler.Submit(active);
        scheduler.Submit(waiting);
        scheduler.Step();

        scheduler.Dispose();

        Assert.IsType<ObjectDisposedException>(TinyParts.Error(active));
        Assert.IsType<ObjectDisposedException>(TinyParts.Error(waiting));
        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Submit_AfterDispose_FailsAtOnce()
    {
        Scheduler scheduler = Make(1);
        scheduler.Dispose();
        GenerationRequest late = Request(0, 1);

        scheduler.Submit(late);

        Assert.IsType<ObjectDisposedException>(TinyParts.Error(late));
        Assert.False(scheduler.Step());
    }

    private static GenerationRequest Request(int seed, int maxNewTokens) =>
        TinyParts.Request(TinyParts.Prompt(4 + seed, seed), maxNewTokens);

    private static bool HasEnded(GenerationRequest request)
    {
        TinyParts.Read(request);
        return request.Updates.Completion.IsCompleted;
    }

    private static void Run(Scheduler scheduler)
    {
        while (scheduler.Step())
        {
        }
    }

    private Scheduler Make(int maxActive) => new(_parts.Decoder, _parts.Visuals, maxActive);
}
