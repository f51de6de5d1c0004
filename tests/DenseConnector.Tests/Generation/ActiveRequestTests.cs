using DenseConnector.Generation;
using DenseConnector.Multimodal;
using DenseConnector.Text;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Generation;

public sealed class ActiveRequestTests : TensorTest
{
    private const int Chunk = ActiveRequest.PrefillChunk;

    [Theory]
    [InlineData(1)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData((2 * Chunk) + 7)]
    public void Step_PromptAroundTheChunkBorder_GivesTheTokensOfOnePass(int tokens)
    {
        using TinyParts parts = new(positions: 1100);
        int[] ids = TinyParts.Prompt(tokens);
        GenerationRequest request = TinyParts.Request(ids, 5);
        using Scheduler scheduler = parts.Schedule(request);

        int steps = Run(scheduler);

        Assert.Equal(parts.Greedy(PromptEmbedder.Embed(parts.Decoder, ids, []), 5), TinyParts.Read(request));

        // Each chunk a step, the last of which gives the first token; then each further token.
        Assert.Equal(((tokens + Chunk - 1) / Chunk) + 4, steps);
    }

    [Fact]
    public void Step_Pictures_TakeOneStepEachAndStandInTheirSlots()
    {
        using TinyParts parts = new();
        int slot = PromptEncoder.ImageSlot;
        GenerationRequest request =
            TinyParts.Request([5, slot, 6, 7, slot], 3, [TinyParts.Picture, TinyParts.Picture]);
        using Scheduler scheduler = parts.Schedule(request);

        int steps = Run(scheduler);

        Tensor visual = parts.Visuals.call(tensor(TinyParts.Picture.Pixels.Values, [1, 3, 8, 8]))[0];
        Tensor text = parts.Decoder.Embed(tensor([5L, 6, 7]));
        Tensor joined = cat([text[..1], visual, text[1..], visual]);
        Assert.Equal(parts.Greedy(joined, 3), TinyParts.Read(request));
        Assert.Equal(2 + 3, steps);
    }

    [Theory]
    [InlineData(2, 0f)]
    [InlineData(5, 0f)]
    [InlineData(5, 1f)]
    public void Step_BeamSearch_GivesTheAnswerOfASearchWithoutACache(int beams, float temperature)
    {
        using TinyParts parts = new();
        for (int seed = 0; seed < 4; seed++)
        {
            GenerationOptions options = new() { Beams = beams, Temperature = temperature, Seed = seed };
            int[] ids = TinyParts.Prompt(9, seed);
            GenerationRequest request = TinyParts.Request(ids, 12, options: options);
            using Scheduler scheduler = parts.Schedule(request);

            int steps = Run(scheduler);

            Assert.Equal(parts.Search(ids, options, 12), TinyParts.Read(request));
            Assert.Equal(12, steps);
        }
    }

    [Fact]
    public void Step_BeamSearch_SendsNothingBeforeTheEnd()
    {
        using TinyParts parts = new();
        GenerationRequest request = TinyParts.Request(TinyParts.Prompt(4), 6, options: new() { Beams = 2 });
        using Scheduler scheduler = parts.Schedule(request);
        while (scheduler.Step())
        {
            Assert.False(request.Updates.TryPeek(out _));
        }

        Assert.Equal(6, TinyParts.Read(request).Length);
        Assert.True(request.Updates.Completion.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(4, 1)]
    [InlineData(0, 3)]
    [InlineData(2, 3)]
    [InlineData(5, 3)]
    public void Dispose_AfterAnyStep_FreesEverything(int steps, int beams)
    {
        using TinyParts parts = new();
        GenerationRequest request = TinyParts.Request(
            [5, PromptEncoder.ImageSlot, 6], 9, [TinyParts.Picture], new GenerationOptions { Beams = beams });
        long before = LiveTensors;
        Scheduler scheduler = parts.Schedule(request);
        for (int step = 0; step < steps; step++)
        {
            Assert.True(scheduler.Step());
        }

        scheduler.Dispose();

        Assert.Equal(before, LiveTensors);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Step_FurtherTokens_LeaveNoTensor(int beams)
    {
        using TinyParts parts = new();
        GenerationRequest request =
            TinyParts.Request(TinyParts.Prompt(4), 20, options: new GenerationOptions { Beams = beams });
        using Scheduler scheduler = parts.Schedule(request);
        scheduler.Step();
        scheduler.Step();
        long before = LiveTensors;

        for (int step = 0; step < 10; step++)
        {
            scheduler.Step();
        }

        Assert.Equal(before, LiveTensors);
    }

    private static int Run(Scheduler scheduler)
    {
        int steps = 1;
        while (scheduler.Step())
        {
            steps++;
        }

        return steps;
    }
}
