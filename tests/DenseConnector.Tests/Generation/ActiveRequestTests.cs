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
        using ActiveRequest active = new(request, parts.Decoder, parts.Visuals);

        int steps = Run(active);

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
        using ActiveRequest active = new(request, parts.Decoder, parts.Visuals);

        int steps = Run(active);

        Tensor visual = parts.Visuals.call(tensor(TinyParts.Picture.Pixels.Values, [1, 3, 8, 8]))[0];
        Tensor text = parts.Decoder.Embed(tensor([5L, 6, 7]));
        Tensor joined = cat([text[..1], visual, text[1..], visual]).unsqueeze(0);
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
            using ActiveRequest active = new(request, parts.Decoder, parts.Visuals);

            int steps = Run(active);

            Assert.Equal(parts.Search(ids, options, 12), TinyParts.Read(request));
            Assert.Equal(12, steps);
        }
    }

    [Fact]
    public void Step_BeamSearch_SendsNothingBeforeTheEnd()
    {
        using TinyParts parts = new();
        GenerationRequest request = TinyParts.Request(TinyParts.Prompt(4), 6, options: new() { Beams = 2 });
        using ActiveRequest active = new(request, parts.Decoder, parts.Visuals);
        while (active.Step())
        {
            Assert.False(request.Updates.TryPeek(out _));
        }

        Assert.Equal(6, TinyParts.Read(request).Length);
        Assert.True(request.Updates.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public void Step_CancelledRequest_Throws()
    {
        using TinyParts parts = new();
        using CancellationTokenSource cancel = new();
        using ActiveRequest active = new(
            TinyParts.Request(TinyParts.Prompt(4), 9, cancellation: cancel.Token), parts.Decoder, parts.Visuals);
        active.Step();
        cancel.Cancel();

        Assert.Throws<OperationCanceledException>(() => active.Step());
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
        ActiveRequest active = new(request, parts.Decoder, parts.Visuals);
        for (int step = 0; step < steps; step++)
        {
            Assert.True(active.Step());
        }

        active.Dispose();

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
        using ActiveRequest active = new(request, parts.Decoder, parts.Visuals);
        active.Step();
        active.Step();
        long before = LiveTensors;

        for (int step = 0; step < 10; step++)
        {
            active.Step();
        }

        Assert.Equal(before, LiveTensors);
    }

    private static int Run(ActiveRequest active)
    {
        int steps = 1;
        while (active.Step())
        {
            steps++;
        }

        return steps;
    }
}
