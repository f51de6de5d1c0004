using DenseConnector.Generation;

namespace DenseConnector.Tests.Generation;

public sealed class SamplerTests
{
    private static readonly float[] Logits = [1f, 3f, 2f, 0f];

    [Fact]
    public void Next_Greedy_TakesTheFirstOfTheLargest()
    {
        Sampler sampler = new(new GenerationOptions(), beginId: null);
        Assert.Equal(1, sampler.Next([0f, 5f, 5f, -1f]));
    }

    [Fact]
    public void Next_SameSeed_GivesTheSameTokens() =>
        Assert.Equal(Draw(new() { Temperature = 1, Seed = 7 }), Draw(new() { Temperature = 1, Seed = 7 }));

    [Fact]
    public void Next_OtherSeed_GivesOtherTokens() =>
        Assert.NotEqual(Draw(new() { Temperature = 1, Seed = 7 }), Draw(new() { Temperature = 1, Seed = 8 }));

    [Fact]
    public void Next_NoSeed_IsNotRepeated() =>
        Assert.NotEqual(Draw(new() { Temperature = 1 }), Draw(new() { Temperature = 1 }));

    [Fact]
    public void Next_PlainSampling_FollowsTheProbabilities()
    {
        double[] expected = Softmax(Logits, 1);
        Assert.All(Frequencies(new() { Temperature = 1, Seed = 1 }).Zip(
            expected), pair => Assert.InRange(pair.First, pair.Second - 0.02, pair.Second + 0.02));
    }

    [Fact]
    public void Next_Temperature_SharpensTheProbabilities()
    {
        double[] expected = Softmax(Logits, 0.5);
        Assert.All(Frequencies(new() { Temperature = 0.5f, Seed = 1 }).Zip(
            expected), pair => Assert.InRange(pair.First, pair.Second - 0.02, pair.Second + 0.02));
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 1, 2 })]
    [InlineData(3, new[] { 0, 1, 2 })]
    [InlineData(0, new[] { 0, 1, 2, 3 })]
    public void Next_TopK_DrawsOnlyAmongTheMostLikely(int topK, int[] possible) =>
        Assert.Equal(possible, Possible(new() { Temperature = 1, TopK = topK, Seed = 1 }));

    [Fact]
    public void Next_TopKWithTies_KeepsEveryTiedToken()
    {
        Sampler sampler = new(new GenerationOptions { Temperature = 1, TopK = 1, Seed = 1 }, beginId: null);
        Assert.Equal([0, 2], Enumerable.Range(0, 200).Select(_ => sampler.Next([2f, 1f, 2f])).Distinct().Order());
    }

    // Probabilities of the logits 1, 3, 2, 0 are 0.087, 0.644, 0.237, 0.032.
    [Theory]
    [InlineData(0.5f, new[] { 1 })]
    [InlineData(0.7f, new[] { 1, 2 })]
    [InlineData(0.9f, new[] { 0, 1, 2 })]
    [InlineData(0.99f, new[] { 0, 1, 2, 3 })]
    public void Next_TopP_KeepsTheSmallestSetThatReachesIt(float topP, int[] possible) =>
        Assert.Equal(possible, Possible(new() { Temperature = 1, TopP = topP, Seed = 1 }));

    [Theory]
    [InlineData(0.9f, new[] { 1 })]
    [InlineData(0.3f, new[] { 1, 2 })]
    [InlineData(0.1f, new[] { 0, 1, 2 })]
    [InlineData(0.01f, new[] { 0, 1, 2, 3 })]
    public void Next_MinP_KeepsWhatIsLikelyRelativeToTheBest(float minP, int[] possible) =>
        Assert.Equal(possible, Possible(new() { Temperature = 1, MinP = minP, Seed = 1 }));

    [Fact]
    public void Next_RepetitionPenalty_TurnsToOtherTokens()
    {
        Sampler sampler = new(new GenerationOptions { RepetitionPenalty = 2f }, beginId: null);
        Assert.Equal([1, 2, 1], Enumerable.Range(0, 3).Select(_ => sampler.Next(Logits)));
    }

    [Fact]
    public void Next_RepetitionPenalty_MakesNegativeLogitsSmaller()
    {
        Sampler sampler = new(new GenerationOptions { RepetitionPenalty = 2f }, beginId: null);
        Assert.Equal([0, 1], Enumerable.Range(0, 2).Select(_ => sampler.Next([-1f, -1.5f])));
    }

    [Fact]
    public void Next_RepetitionPenalty_CountsTheBeginToken()
    {
        Sampler sampler = new(new GenerationOptions { RepetitionPenalty = 2f }, beginId: 1);
        Assert.Equal(2, sampler.Next(Logits));
    }

    // Token 1 leads by 1 at first; each time it is taken it loses 0.4, so it is taken three times before token 2 leads.
    [Fact]
    public void Next_FrequencyPenalty_GrowsWithEachTime()
    {
        Sampler sampler = new(new GenerationOptions { FrequencyPenalty = 0.4f }, beginId: null);
        Assert.Equal([1, 1, 1, 2, 1, 2], Enumerable.Range(0, 6).Select(_ => sampler.Next(Logits)));
    }

    // Tokens 1 and 2 lose 1.5 when they are first taken and nothing later, so then their order is the first again.
    [Fact]
    public void Next_PresencePenalty_IsTheSameHoweverOften()
    {
        Sampler sampler = new(new GenerationOptions { PresencePenalty = 1.5f }, beginId: null);
        Assert.Equal([1, 2, 1, 1, 1], Enumerable.Range(0, 5).Select(_ => sampler.Next(Logits)));
    }

    [Fact]
    public void Next_FrequencyAndPresencePenalty_DoNotCountTheBeginToken()
    {
        Sampler sampler = new(
            new GenerationOptions { FrequencyPenalty = 2f, PresencePenalty = 2f }, beginId: 1);
        Assert.Equal(1, sampler.Next(Logits));
    }

    private static int[] Draw(GenerationOptions options)
    {
        Sampler sampler = new(options, beginId: null);
        return [.. Enumerable.Range(0, 100).Select(_ => sampler.Next(Logits))];
    }

    private static double[] Frequencies(GenerationOptions options)
    {
        Sampler sampler = new(options, beginId: null);
        int[] drawn = [.. Enumerable.Range(0, 20_000).Select(_ => sampler.Next(Logits))];
        return [.. Enumerable.Range(0, Logits.Length).Select(id => drawn.Count(other => other == id) / 20_000.0)];
    }

    private static IEnumerable<int> Possible(GenerationOptions options)
    {
        double[] frequencies = Frequencies(options);
        return Enumerable.Range(0, frequencies.Length).Where(id => frequencies[id] > 0);
    }

    private static double[] Softmax(float[] logits, double temperature)
    {
        double[] weights = [.. logits.Select(logit => Math.Exp(logit / temperature))];
        return [.. weights.Select(weight => weight / weights.Sum())];
    }
}
