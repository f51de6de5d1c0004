using DenseConnector.Kernels;

namespace DenseConnector.Tests.Kernels;

public sealed class PromptAttentionTests : IDisposable
{
    private readonly KernelMemory _memory = new();
    private readonly WorkerTeam _team = new(2);

    /// <summary>
    /// Heads, key/value heads, head size, new tokens, past tokens, whether causal: sizes of SigLIP, CLIP, Llama, Phi
    /// and odd ones, around the edges of tiles, groups and shares of rows.
    /// </summary>
    public static TheoryData<int, int, int, int, int, bool> Shapes => new()
    {
        { 2, 2, 72, 129, 0, false },
        { 1, 1, 64, 97, 0, false },
        { 1, 1, 80, 400, 0, false },
        { 3, 3, 8, 1, 0, false },
        { 4, 1, 128, 64, 500, true },
        { 8, 2, 64, 129, 1, true },
        { 2, 2, 80, 17, 0, true },
        { 1, 1, 32, 3, 500, true },
        { 2, 1, 10, 200, 7, true },
        { 1, 1, 16, 1, 96, true },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_EachRow_IsTheWeightedMeanOfTheValuesItSees(
        int heads, int keyValueHeads, int size, int tokens, int past, bool isCausal)
    {
        foreach (bool isBFloat16 in new[] { false, true })
        {
            Case one = Make(heads, keyValueHeads, size, tokens, past, isBFloat16);

            float[] found = Run(one, isCausal);

            for (int row = 0; row < tokens * heads; row++)
            {
                double[] expected = Attend(one, row / heads, row % heads, isCausal);
                for (int i = 0; i < size; i++)
                {
                    // Scores are sums of up to 128 products in float32, and the power of e doubles their error.
                    Assert.InRange(found[(row * size) + i] - expected[i], -2e-5, 2e-5);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_EveryWidth_AgreesWithTheNarrowest(
        int heads, int keyValueHeads, int size, int tokens, int past, bool isCausal)
    {
        Case one = Make(heads, keyValueHeads, size, tokens, past, isBFloat16: true);
        float[] expected = Run(one, isCausal, width: LaneWidth.One);

        foreach (LaneWidth width in LaneWidths.Supported)
        {
            Assert.All(
                Run(one, isCausal, width: width).Zip(expected),
                pair => Assert.Equal(pair.Second, pair.First, 1e-6 * Math.Max(1, Math.Abs(pair.Second))));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Run_AnyNumberOfThreads_GivesTheSameBits(int threads)
    {
        Case one = Make(4, 2, 72, 300, 20, isBFloat16: false);
        using WorkerTeam team = new(threads);

        Assert.Equal(Run(one, isCausal: true), Run(one, isCausal: true, team));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(199)]
    public void Run_TokensInTwoChunks_GivesTheSameBits(int first)
    {
        const int Tokens = 200, Width = 4 * 64;
        Case one = Make(4, 2, 64, Tokens, 100, isBFloat16: true);
        Case early = one with { Queries = one.Queries[..(first * Width)], Length = 100 + first };
        Case late = one with { Queries = one.Queries[(first * Width)..] };

        Assert.Equal(
            Run(one, isCausal: true),
            Run(early, isCausal: true).Concat(Run(late, isCausal: true)));
    }

    /// <summary>Scores far beyond the range of e's powers: all weight is on the largest, nothing overflows.</summary>
    [Theory]
    [InlineData(1e15f)]
    [InlineData(-1e15f)]
    public void Run_HugeScores_TakesTheValueOfTheLargest(float factor)
    {
        Case one = Make(1, 1, 32, 40, 100, isBFloat16: false);
        one = one with { Queries = [.. one.Queries.Select(query => factor * query)] };

        float[] found = Run(one, isCausal: false);

        for (int token = 0; token < 40; token++)
        {
            double[] expected = Attend(one, token, 0, isCausal: false);
            Assert.All(
                found[(token * 32)..((token + 1) * 32)].Zip(expected),
                pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        }
    }

    [Fact]
    public void Run_DenormalNumbers_GivesTheMeanOfTheValues()
    {
        Case one = Make(1, 1, 8, 7, 0, isBFloat16: false);
        one = one with { Queries = [.. one.Queries.Select(query => 1e-40f * query)] };

        float[] found = Run(one, isCausal: false);

        float[][] values = [.. one.Values.Chunk(8)];
        float[] means = [.. Enumerable.Range(0, 8).Select(i => values.Average(value => value[i]))];
        Assert.All(found.Chunk(8), row => Assert.All(
            row.Zip(means), pair => Assert.Equal(pair.Second, pair.First, 1e-6)));
    }

    public void Dispose()
    {
        _team.Dispose();
        _memory.Dispose();
    }

    private float[] Run(Case one, bool isCausal, WorkerTeam? team = null, LaneWidth? width = null)
    {
        int rowWidth = one.Heads * one.Size;
        int tokens = one.Queries.Length / rowWidth;
        nint output = _memory.Take(one.Queries.Length * sizeof(float));
        new PromptAttention(one.Heads, one.KeyValueHeads, one.Size).Run(
            team ?? _team,
            width ?? LaneWidths.Best,
            new RowBlock(Store(one.Queries, one.IsBFloat16), one.IsBFloat16, tokens, rowWidth),
            new KeyValueRows(
                Store(one.Keys, one.IsBFloat16),
                Store(one.Values, one.IsBFloat16),
                one.IsBFloat16,
                one.Length,
                one.Size,
                one.KeyValueHeads * one.Size),
            isCausal,
            new RowBlock(output, false, tokens, rowWidth));
        return KernelMemory.Read(output, one.Queries.Length);
    }

    private nint Store(float[] values, bool isBFloat16) =>
        isBFloat16 ? _memory.OfBFloat16(values) : _memory.Of(values);

    private static Case Make(int heads, int keyValueHeads, int size, int tokens, int past, bool isBFloat16)
    {
        return new Case(
            heads,
            keyValueHeads,
            size,
            past + tokens,
            isBFloat16,
            Numbers(1, tokens * heads * size),
            Numbers(2, (past + tokens) * keyValueHeads * size),
            Numbers(3, (past + tokens) * keyValueHeads * size));

        float[] Numbers(int seed, int count)
        {
            float[] numbers = KernelMemory.Random(seed, count);
            return isBFloat16
                ? [.. numbers.Select(number => BFloat16.ToSingle(BFloat16.FromSingle(number)))]
                : numbers;
        }
    }

    private static double[] Attend(Case one, int token, int head, bool isCausal)
    {
        int size = one.Size, width = one.KeyValueHeads * size;
        int shared = head / (one.Heads / one.KeyValueHeads) * size;
        int tokens = one.Queries.Length / (one.Heads * size);
        int seen = isCausal ? one.Length - tokens + token + 1 : one.Length;
        ReadOnlySpan<float> query = one.Queries.AsSpan(((token * one.Heads) + head) * size, size);
        double[] scores = new double[seen];
        for (int key = 0; key < seen; key++)
        {
            for (int i = 0; i < size; i++)
            {
                scores[key] += query[i] / Math.Sqrt(size) * one.Keys[(key * width) + shared + i];
            }
        }

        double largest = scores.Max();
        double sum = scores.Sum(score => Math.Exp(score - largest));
        double[] output = new double[size];
        for (int key = 0; key < seen; key++)
        {
            for (int i = 0; i < size; i++)
            {
                output[i] += Math.Exp(scores[key] - largest) / sum * one.Values[(key * width) + shared + i];
            }
        }

        return output;
    }

    /// <summary>Keys and values lie as projections give them: a token's heads side by side.</summary>
    private sealed record Case(
        int Heads,
        int KeyValueHeads,
        int Size,
        int Length,
        bool IsBFloat16,
        float[] Queries,
        float[] Keys,
        float[] Values);
}
