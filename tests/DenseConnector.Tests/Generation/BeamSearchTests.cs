using DenseConnector.Generation;

namespace DenseConnector.Tests.Generation;

/// <summary>Searches over little models whose next token depends on the last one alone; 0 ends an answer.</summary>
public sealed class BeamSearchTests
{
    private const int End = 0;

    /// <summary>What looks best first (1) leads to nothing certain, the second best (2) does.</summary>
    private static readonly Dictionary<int, double[]> Trap = new()
    {
        [-1] = [0.01, 0.55, 0.43, 0.01],
        [1] = [0.3, 0.25, 0.25, 0.2],
        [2] = [0.01, 0.01, 0.01, 0.97],
        [3] = [0.97, 0.01, 0.01, 0.01],
    };

    [Fact]
    public void Step_BetterAnswerBehindAWorseToken_IsFound() =>
        Assert.Equal([2, 3, End], Run(Trap, new GenerationOptions { Beams = 2 }, 10, out _));

    [Fact]
    public void Step_AnswersThatEnd_AreComparedByTheMeanPerToken()
    {
        // ln 0.4 for one token against (ln 0.35 + 3 · ln 0.9) / 4 for four.
        Dictionary<int, double[]> model = new()
        {
            [-1] = [0.4, 0.35, 0.25],
            [1] = [0.1, 0.01, 0.89],
            [2] = [0.02, 0.96, 0.02],
        };

        int[] best = Run(model, new GenerationOptions { Beams = 2 }, 4, out _);

        Assert.Equal([1, 2, 1, 2], best);
    }

    [Fact]
    public void Step_EndAmongTheSecondHalfOfTheCandidates_IsNoAnswer()
    {
        // The end is the third best of four candidates, so it does not count although both beams go on badly.
        Dictionary<int, double[]> model = new()
        {
            [-1] = [0.26, 0.38, 0.36],
            [1] = [0.1, 0.5, 0.4],
            [2] = [0.1, 0.4, 0.5],
        };

        int[] best = Run(model, new GenerationOptions { Beams = 2 }, 2, out _);

        Assert.Equal([1, 1], best);
    }

    [Fact]
    public void Step_NoOpenBeamCanBecomeBetter_EndsTheSearch()
    {
        Run(Trap, new GenerationOptions { Beams = 2 }, 100, out int steps);

        // [1, end] comes at the second step (-0.90 per token), [2, 3, end] at the third (-0.30). At the fourth
        // [1, 1, 2, 3] stands at -0.85, so the search goes on; at the fifth it ends with -0.69, and none is better.
        Assert.Equal(5, steps);
    }

    [Fact]
    public void Step_FewerAnswersThanBeams_GoesOnToTheLimit()
    {
        Dictionary<int, double[]> model = new()
        {
            [-1] = [0.001, 0.5, 0.499],
            [1] = [0.001, 0.5, 0.499],
            [2] = [0.001, 0.5, 0.499],
        };

        int[] best = Run(model, new GenerationOptions { Beams = 2 }, 7, out int steps);

        Assert.Equal(Enumerable.Repeat(1, 7), best);
        Assert.Equal(7, steps);
    }

    [Fact]
    public void Step_Beams_SayWhomTheyContinue()
    {
        BeamSearch search = new(
            new GenerationOptions { Beams = 2 }, beginId: null, new HashSet<int> { End }, maxNewTokens: 9);
        search.Step(Logits([0.01, 0.55, 0.43, 0.01]));
        Assert.Equal([1, 2], search.Tokens.ToArray());

        // Both best continuations belong to the second beam.
        search.Step([.. Logits([0.25, 0.25, 0.25, 0.25]), .. Logits([0.01, 0.45, 0.01, 0.53])]);

        Assert.Equal([1, 1], search.Parents.ToArray());
        Assert.Equal([3, 1], search.Tokens.ToArray());
    }

    [Fact]
    public void Step_SeveralEndTokens_LeaveEnoughToGoOnWith()
    {
        // Three of four tokens end an answer and are the likely ones: each beam still goes on.
        BeamSearch search = new(
            new GenerationOptions { Beams = 2 }, beginId: null, new HashSet<int> { 0, 1, 2 }, maxNewTokens: 2);
        search.Step(Logits([0.4, 0.3, 0.2, 0.1, 0.0001]));

        Assert.Equal([3, 4], search.Tokens.ToArray());
    }

    [Theory]
    [InlineData(4f, 0f, 0f)]
    [InlineData(1f, 1f, 0f)]
    [InlineData(1f, 0f, 1f)]
    public void Step_Penalty_CountsEachBeamsOwnTokens(float repetition, float frequency, float presence)
    {
        Dictionary<int, double[]> model = new()
        {
            [-1] = [0.01, 0.5, 0.49],
            [1] = [0.01, 0.6, 0.39],
            [2] = [0.01, 0.39, 0.6],
        };

        GenerationOptions options = new()
        {
            Beams = 2,
            RepetitionPenalty = repetition,
            FrequencyPenalty = frequency,
            PresencePenalty = presence,
        };
        int[] best = Run(model, options, 2, out _);

        Assert.Equal([1, 2], best);
    }

    [Fact]
    public void Step_RepetitionPenalty_CountsTheBeginToken()
    {
        BeamSearch search = new(
            new GenerationOptions { Beams = 2, RepetitionPenalty = 4 }, beginId: 1, new HashSet<int>(), 9);
        search.Step(Logits([0.1, 0.5, 0.4]));

        Assert.Equal(2, search.Tokens[0]);
    }

    [Fact]
    public void Step_FrequencyAndPresencePenalty_DoNotCountTheBeginToken()
    {
        BeamSearch search = new(
            new GenerationOptions { Beams = 2, FrequencyPenalty = 2, PresencePenalty = 2 }, 1, new HashSet<int>(), 9);
        search.Step(Logits([0.1, 0.5, 0.4]));

        Assert.Equal(1, search.Tokens[0]);
    }

    [Fact]
    public void Step_SampledWithTheSameSeed_GivesTheSameAnswer()
    {
        GenerationOptions options = new() { Beams = 3, Temperature = 1, Seed = 5 };

        Assert.Equal(Run(Trap, options, 12, out _), Run(Trap, options, 12, out _));
    }

    [Fact]
    public void Step_Sampled_DrawsTheTokensByTheirProbability()
    {
        double[] probabilities = [0.5, 0.3, 0.1, 0.06, 0.04];
        int[] kept = new int[5];
        const int Runs = 20_000;
        for (int seed = 0; seed < Runs; seed++)
        {
            BeamSearch search = new(
                new GenerationOptions { Beams = 2, Temperature = 1, Seed = seed }, null, new HashSet<int>(), 9);
            search.Step(Logits(probabilities));
            foreach (int token in search.Tokens)
            {
                kept[token]++;
            }
        }

        // Both beams start equal, so of the ten candidates four are drawn and the best two of them are kept.
        double[] expected = KeptOfDrawnTwice(probabilities);
        for (int token = 0; token < 5; token++)
        {
            Assert.InRange((double)kept[token] / Runs, expected[token] - 0.02, expected[token] + 0.02);
        }
    }

    [Fact]
    public void Step_SampledWithTopK_NeverTakesOthers()
    {
        double[] same = [0.001, 0.13, 0.128, 0.126, 0.125, 0.124, 0.123, 0.122, 0.121];
        Dictionary<int, double[]> model = Enumerable.Range(-1, 10).ToDictionary(last => last, _ => same);
        Assert.Contains(6, Drawn(topK: 0));
        Assert.All(Drawn(topK: 5), id => Assert.InRange(id, 1, 5));

        // So that a beam can go on, at least one more than the ending tokens stays; of those all are drawn.
        Assert.Equal([1], Drawn(topK: 1));

        IEnumerable<int> Drawn(int topK) => Enumerable.Range(0, 200).SelectMany(seed => Run(
            model, new GenerationOptions { Beams = 2, Temperature = 1, TopK = topK, Seed = seed }, 5, out _))
            .Distinct().Order();
    }

    [Fact]
    public void Step_SampledNearlyWithoutHeat_TakesTheMostLikely()
    {
        GenerationOptions cold = new() { Beams = 2, Temperature = 1e-4f, TopP = 0.5f, Seed = 1 };
        double[] same = [0.1, 0.7, 0.2];

        Assert.Equal([1, 1, 1], Run(Enumerable.Range(-1, 4).ToDictionary(last => last, _ => same), cold, 3, out _));
    }

    /// <summary>
    /// How often each token is among the two best of four draws from two equal beams, by enumeration.
    /// </summary>
    private static double[] KeptOfDrawnTwice(double[] probabilities)
    {
        double[] kept = new double[probabilities.Length];
        double[] weights = [.. probabilities, .. probabilities];
        Draw([], 1);
        return kept;

        void Draw(int[] drawn, double chance)
        {
            if (drawn.Length == 4)
            {
                foreach (int at in drawn.OrderBy(at => at % probabilities.Length).Take(2))
                {
                    kept[at % probabilities.Length] += chance;
                }

                return;
            }

            double left = 2 - drawn.Sum(at => weights[at]);
            for (int at = 0; at < weights.Length; at++)
            {
                if (!drawn.Contains(at))
                {
                    Draw([.. drawn, at], chance * weights[at] / left);
                }
            }
        }
    }

    private static int[] Run(
        Dictionary<int, double[]> model, GenerationOptions options, int maxNewTokens, out int steps)
    {
        BeamSearch search = new(options, beginId: null, new HashSet<int> { End }, maxNewTokens);
        steps = 1;
        float[] logits = Logits(model[-1]);
        while (search.Step(logits))
        {
            logits = [.. search.Tokens.ToArray().SelectMany(token => Logits(model[token]))];
            steps++;
        }

        return search.Best;
    }

    /// <summary>Logits of the probabilities, shifted, which changes nothing.</summary>
    private static float[] Logits(double[] probabilities) =>
        [.. probabilities.Select(probability => (float)Math.Log(probability) + 3)];
}
