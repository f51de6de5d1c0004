using DenseConnector.Generation;

namespace DenseConnector.Tests.Generation;

public sealed class SamplingFiltersTests
{
    private static readonly Dictionary<int, int> Seen = new() { [0] = 0, [1] = 1, [2] = 3 };

    // mu - c * frequency - [c > 0] * presence, for counts 0, 1, 3 and 0.
    [Theory]
    [InlineData(0.5f, 0f, new[] { 4f, 3.5f, 2.5f, 4f })]
    [InlineData(0f, 0.75f, new[] { 4f, 3.25f, 3.25f, 4f })]
    [InlineData(0.5f, 0.25f, new[] { 4f, 3.25f, 2.25f, 4f })]
    [InlineData(-0.5f, -1f, new[] { 4f, 5.5f, 6.5f, 4f })]
    public void Penalize_FrequencyAndPresence_EqualHandComputedNumbers(
        float frequency, float presence, float[] expected)
    {
        SamplingFilters filters = new(new() { FrequencyPenalty = frequency, PresencePenalty = presence });
        Assert.Equal(expected, filters.Penalize([4f, 4f, 4f, 4f], Seen).ToArray());
    }

    // 4 / 2 = 2, then 2 - 3 * 0.5 = 0.5; the token seen but not generated is only divided.
    [Fact]
    public void Penalize_WithRepetitionPenalty_DividesFirst()
    {
        SamplingFilters filters = new(new() { RepetitionPenalty = 2f, FrequencyPenalty = 0.5f });
        Assert.Equal([2f, 1.5f, 0.5f, 4f], filters.Penalize([4f, 4f, 4f, 4f], Seen).ToArray());
    }

    [Fact]
    public void Penalize_TokenBeyondTheScores_IsLeftOut()
    {
        SamplingFilters filters = new(new() { PresencePenalty = 1f });
        Assert.Equal([4f, 3f], filters.Penalize([4f, 4f], Seen).ToArray());
    }
}
