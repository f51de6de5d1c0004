namespace DenseConnector.Generation;

/// <summary>
/// Chooses the next token from the logits: greedy, or drawn after the filters of transformers' <c>generate</c>, in its
/// order (repetition penalty, temperature, top-k, top-p, min-p).
/// </summary>
/// <remarks>
/// One per request: it remembers what was generated and its place in the random sequence. Plain numbers, no tensors.
/// </remarks>
internal sealed class Sampler
{
    private readonly GenerationOptions _options;
    private readonly SeededRandom _random;
    private readonly HashSet<int> _seen = [];
    private float[] _scores = [];
    private double[] _probabilities = [];
    private int[] _candidates = [];

    /// <summary>Starts a request.</summary>
    /// <param name="options">The request's options.</param>
    /// <param name="beginId">
    /// The begin-of-text id, which counts as generated for the repetition penalty: the reference generates from
    /// embeddings, and transformers puts this id in front.
    /// </param>
    public Sampler(GenerationOptions options, int? beginId)
    {
        _options = options;
        _random = new SeededRandom(options.Seed ?? Random.Shared.NextInt64());
        if (beginId is int id)
        {
            _seen.Add(id);
        }
    }

    /// <summary>Logits <c>[vocabulary]</c> → the next token's id.</summary>
    public int Next(ReadOnlySpan<float> logits)
    {
        ReadOnlySpan<float> scores = _options.RepetitionPenalty == 1f ? logits : Penalize(logits);
        int id = _options.Temperature == 0 ? IndexOfMax(scores) : Draw(scores);
        _seen.Add(id);
        return id;
    }

    private Span<float> Penalize(ReadOnlySpan<float> logits)
    {
        Array.Resize(ref _scores, logits.Length);
        logits.CopyTo(_scores);
        foreach (int id in _seen.Where(id => id < _scores.Length))
        {
            _scores[id] = _scores[id] < 0
                ? _scores[id] * _options.RepetitionPenalty
                : _scores[id] / _options.RepetitionPenalty;
        }

        return _scores;
    }

    private int Draw(ReadOnlySpan<float> scores)
    {
        Array.Resize(ref _probabilities, scores.Length);
        Array.Resize(ref _candidates, scores.Length);
        float highest = scores[IndexOfMax(scores)];
        float least = _options.TopK > 0 && _options.TopK < scores.Length
            ? KthLargest(scores, _options.TopK)
            : float.NegativeInfinity;
        double total = 0;
        for (int id = 0; id < scores.Length; id++)
        {
            double weight = scores[id] >= least ? Math.Exp((scores[id] - (double)highest) / _options.Temperature) : 0;
            _probabilities[id] = weight;
            total += weight;
        }

        if (_options.TopP < 1)
        {
            total = KeepTopP(total);
        }

        // The most likely token's weight is 1, so min-p compares weights directly.
        return DrawByWeight(total, _options.MinP);
    }

    /// <summary>
    /// Drops the least likely tokens whose probabilities add up to at most <c>1 − top-p</c>; returns the remaining
    /// weight.
    /// </summary>
    private double KeepTopP(double total)
    {
        double budget = (1 - (double)_options.TopP) * total;

        // Tokens this unlikely cannot exceed the budget even all together, so only the others need sorting.
        double negligible = budget / _probabilities.Length;
        double dropped = 0;
        int count = 0;
        for (int id = 0; id < _probabilities.Length; id++)
        {
            if (_probabilities[id] < negligible)
            {
                dropped += _probabilities[id];
                _probabilities[id] = 0;
            }
            else
            {
                _candidates[count++] = id;
            }
        }

        Span<int> ascending = _candidates.AsSpan(0, count);
        double[] weights = _probabilities;
        ascending.Sort((a, b) => weights[a] != weights[b] ? weights[a].CompareTo(weights[b]) : b.CompareTo(a));
        foreach (int id in ascending[..^1])
        {
            if (dropped + _probabilities[id] > budget)
            {
                break;
            }

            dropped += _probabilities[id];
            _probabilities[id] = 0;
        }

        return total - dropped;
    }

    private int DrawByWeight(double total, double minimum)
    {
        if (minimum > 0)
        {
            total = 0;
            for (int id = 0; id < _probabilities.Length; id++)
            {
                _probabilities[id] = _probabilities[id] < minimum ? 0 : _probabilities[id];
                total += _probabilities[id];
            }
        }

        double target = _random.Next() * total;
        int last = 0;
        for (int id = 0; id < _probabilities.Length; id++)
        {
            if (_probabilities[id] == 0)
            {
                continue;
            }

            last = id;
            target -= _probabilities[id];
            if (target < 0)
            {
                break;
            }
        }

        // Rounding may leave the target a hair above the sum; the last possible token is then the one.
        return last;
    }

    /// <summary>The first index of the largest value.</summary>
    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>The k-th largest value; tokens equal to it are all kept, as in the reference.</summary>
    private static float KthLargest(ReadOnlySpan<float> values, int k)
    {
        PriorityQueue<float, float> largest = new(k + 1);
        foreach (float value in values)
        {
            if (largest.Count < k)
            {
                largest.Enqueue(value, value);
            }
            else if (value > largest.Peek())
            {
                largest.DequeueEnqueue(value, value);
            }
        }

        return largest.Peek();
    }
}
