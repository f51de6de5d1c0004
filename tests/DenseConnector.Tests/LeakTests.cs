using System.Diagnostics;
using TorchSharp;

namespace DenseConnector.Tests;

/// <summary>Tests that measure the whole process: they run when nothing else does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone : ICollectionFixture<UncachedTinyModelFixture>;

/// <summary>
/// Many requests in one process: no tensor stays behind, memory is flat. The caches are off, as they keep tensors on
/// purpose; a test of their own holds them to what they may keep.
/// </summary>
[Collection(nameof(Alone))]
public sealed class LeakTests(UncachedTinyModelFixture tiny)
{
    private const int Warmup = 100;
    private const int Generations = 1000;
    private const long MebiByte = 1 << 20;

    [Fact]
    public async Task GenerateAsync_AThousandTimes_LeavesNothingBehind()
    {
        await GenerateAsync(Warmup);
        long liveBefore = await LiveTensorsAsync();
        long memoryBefore = Memory();

        await GenerateAsync(Generations);

        Assert.Equal(liveBefore, await LiveTensorsAsync());

        // The allocator's own slack is a few MiB; a leak of one logits row per token would be 30 MiB.
        Assert.InRange(Memory() - memoryBefore, long.MinValue, 16 * MebiByte);
    }

    [Fact]
    public async Task StreamAsync_CancelledOrLeft_LeavesNothingBehind()
    {
        await GenerateAsync(3);
        long liveBefore = await LiveTensorsAsync();
        for (int i = 0; i < 50; i++)
        {
            using CancellationTokenSource source = new();
            await using IAsyncEnumerator<GenerationUpdate> stream =
                tiny.Model.StreamAsync(tiny.Prompt, null, source.Token).GetAsyncEnumerator(CancellationToken.None);
            if (i % 3 > 0)
            {
                await stream.MoveNextAsync();
            }

            if (i % 2 == 0)
            {
                await source.CancelAsync();
            }
        }

        await GenerateAsync(1);
        Assert.Equal(liveBefore, await LiveTensorsAsync());
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public async Task GenerateAsync_BeamSearches_LeaveNothingBehind(float temperature)
    {
        GenerationOptions options = new() { Beams = 4, MaxNewTokens = 8, Temperature = temperature, Seed = 1 };
        await GenerateAsync(3);
        long before = await LiveTensorsAsync();
        for (int i = 0; i < 100; i++)
        {
            await tiny.Model.GenerateAsync(tiny.Prompt, options);
        }

        Assert.Equal(before, await LiveTensorsAsync());
    }

    [Fact]
    public async Task GenerateAsync_WithCaches_KeepsWhatIsInThemAndNothingElse()
    {
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(TestData.TinyModel);
        GenerationOptions options = new() { MaxNewTokens = 4 };
        long before = -1;
        for (int i = 0; i < 100; i++)
        {
            // Two dialogues of the same length in turn: after the first rounds nothing more is kept.
            await model.GenerateAsync(i % 2 == 0 ? tiny.Prompt : "Hello", options);
            long live = await model.Thread.RunAsync(() => DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            before = i < 10 ? live : before;
            Assert.True(i < 10 || live == before, $"After {i} requests {live} tensors live, {before} before.");
        }

        Assert.NotEqual(0, await model.Thread.RunAsync(() => model.Scheduler.KeptPrefixBytes));
        Assert.NotEqual(0, await model.Thread.RunAsync(() => model.Scheduler.KeptVisualBytes));
    }

    [Fact]
    public async Task DisposeAsync_Model_FreesEveryTensor()
    {
        DenseConnectorModel model = await DenseConnectorModel.LoadAsync(TestData.TinyModel);
        await model.GenerateAsync(tiny.Prompt);
        Assert.NotEqual(0, await model.Thread.RunAsync(() => model.Scheduler.KeptPrefixBytes));
        long live = -1;
        await model.Thread.RunAsync(() =>
        {
            // Runs after the disposal that is posted next, as the thread's last work.
            model.Thread.Step = () =>
            {
                live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
                return false;
            };
            return true;
        });
        await model.DisposeAsync();
        Assert.Equal(0, live);
    }

    private async Task GenerateAsync(int times)
    {
        for (int i = 0; i < times; i++)
        {
            await tiny.Model.GenerateAsync(tiny.Prompt, new GenerationOptions { MaxNewTokens = 4 });
        }
    }

    private Task<long> LiveTensorsAsync() =>
        tiny.Model.Thread.RunAsync(() => DisposeScopeManager.Statistics.ThreadTotalLiveCount);

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using Process process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
