using DenseConnector.Generation;
using DenseConnector.Layers;
using DenseConnector.Text;

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

        // The prompts of the first two are read in steps 1 and 2; the third starts when the first has its three tokens.
        int[][] ended = [.. Enumerable.Range(0, 6).Select(_ =>
        {
            scheduler.Step();
            return requests.Select((request, index) => (request, index)).Where(pair => HasEnded(pair.request))
                .Select(pair => pair.index).ToArray();
        })];

        Assert.Equal([[], [], [0], [0], [0, 2], [0, 1, 2]], ended);
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
    public void Step_RequestsAtDifferentPlaces_ReadOnePromptAndThenOneTokenEachTogether()
    {
        using Scheduler scheduler = Make(8);
        List<int[]> calls = [];
        var hook = _parts.Decoder.register_forward_pre_hook((_, embeddings, batch) =>
        {
            calls.Add([.. batch.Spans.Select(span => span.Length)]);
            return (embeddings, batch);
        });
        int scored = 0;
        var head = _parts.Decoder.children().OfType<Linear>().Single().register_forward_pre_hook((_, hidden) =>
        {
            scored++;
            return hidden;
        });
        List<string> steps = [];
        scheduler.Submit(Request(0, 5)); // A prompt of 4 tokens.
        Step();
        Step();
        scheduler.Submit(Request(1, 4)); // 5 tokens.
        scheduler.Submit(TinyParts.Request(
            TinyParts.Prompt(6), 3, options: new GenerationOptions { Beams = 3 }));
        Step();
        Step();
        Step();
        Step();
        Step();
        hook.remove();
        head.remove();

        // Each line: the calls of a step with the tokens of their spans.
        Assert.Equal(["4", "1", "5 | 1", "6 | 1,1", "1,1,3", "1,3", ""], steps);
        Assert.Equal(6, scored);

        void Step()
        {
            calls.Clear();
            scheduler.Step();
            steps.Add(string.Join(" | ", calls.Select(call => string.Join(',', call))));
        }
    }

    [Fact]
    public void Step_SharedCallFails_FailsThoseInItAndSparesTheOthers()
    {
        long before = LiveTensors;
        Scheduler scheduler = Make(3);
        GenerationRequest[] together = [Request(0, 9), Request(1, 9)];
        Array.ForEach(together, scheduler.Submit);
        scheduler.Step();
        scheduler.Step();
        GenerationRequest reading = Request(2, 4);
        GenerationRequest waiting = Request(3, 4);
        scheduler.Submit(reading);
        scheduler.Submit(waiting);
        var hook = _parts.Decoder.register_forward_pre_hook((_, embeddings, batch) => batch.Spans.Count > 1
            ? throw new InvalidDataException("broken")
            : (embeddings, batch));
        scheduler.Step();
        hook.remove();

        Run(scheduler);

        Assert.All(together, request => Assert.IsType<InvalidDataException>(TinyParts.Error(request)));
        Assert.Equal(4, TinyParts.Read(reading).Length);
        Assert.Equal(4, TinyParts.Read(waiting).Length);
        scheduler.Dispose();
        Assert.Equal(before, LiveTensors);
    }

    [Fact]
    public void Step_OneRequestsChoiceFails_FailsItAlone()
    {
        using Scheduler scheduler = Make(3);
        GenerationRequest bad = new(
            Request(0, 9).Input,
            new Sampler(new GenerationOptions(), beginId: null),
            TokenizerLoader.Load(TestData.TinyModel).CreateDecoder(),
            new StopCondition(null!, []),
            CancellationToken.None);
        GenerationRequest good = Request(1, 5);
        scheduler.Submit(good);
        scheduler.Submit(bad);

        Run(scheduler);

        Assert.NotNull(TinyParts.Error(bad));
        Assert.Equal(5, TinyParts.Read(good).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Step_OneOfThreeCancelled_EndsWithinTheStepAndTheOthersGoOn(int which)
    {
        using Scheduler scheduler = Make(2);
        using CancellationTokenSource cancel = new();
        GenerationRequest[] requests = [.. Enumerable.Range(0, 3).Select(i => TinyParts.Request(
            TinyParts.Prompt(4 + i, i), 6, cancellation: i == which ? cancel.Token : default))];
        Array.ForEach(requests, scheduler.Submit);
        scheduler.Step();
        scheduler.Step();
        cancel.Cancel();

        scheduler.Step();

        Assert.True(HasEnded(requests[which]));
        Run(scheduler);
        foreach (int other in Enumerable.Range(0, 3).Where(i => i != which))
        {
            Assert.True(HasEnded(requests[other]));
            Assert.Null(requests[other].Updates.Completion.Exception);
        }
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
