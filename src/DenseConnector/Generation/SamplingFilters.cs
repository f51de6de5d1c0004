namespace DenseConnector.Generation;

/// <summary>
/// The filters of transformers' <c>generate</c>, in its order: repetition penalty, temperature, top-k, top-p, min-p;
/// and after the first of them the two penalties of OpenAI's interface.
/// </summary>
/// <remarks>The spans returned are valid until the next call.</remarks>
/// <param name="options">The request's options.</param>
/// <param name="keep">How many of the best tokens top-k leaves at least.</param>
internal sealed class SamplingFilters(GenerationOptions options, int keep = 1)
{
    private float[] _scores = [];
    private double[] _probabilities = [];
    private int[] _candidates = [];

    /// <summary>The first index of the largest value.</summary>
    public static int IndexOfMax(ReadOnlySpan<float> values)
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
    public static float KthLargest(ReadOnlySpan<float> values, int k)
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

    /// <summary>Scores <c>[vocabulary]</c> → the same with those of tokens already seen changed.</summary>
    /// <param name="scores">Logits or logarithms of probabilities.</param>
    /// <param name="seen">Each token seen, once, with how often it was generated.</param>
    public ReadOnlySpan<float> Penalize(ReadOnlySpan<float> scores, IEnumerable<KeyValuePair<int, int>> seen)
    {
        if (options is { RepetitionPenalty: 1f, FrequencyPenalty: 0f, PresencePenalty: 0f })
        {
            return scores;
        }

        Array.Resize(ref _scores, scores.Length);
        scores.CopyTo(_scores);
        foreach ((int id, int count) in seen.Where(token => token.Key < _scores.Length))
        {
            float score = _scores[id] < 0
                ? _scores[id] * options.RepetitionPenalty
                : _scores[id] / options.RepetitionPenalty;
            _scores[id] = score - (count * options.FrequencyPenalty) - (count > 0 ? options.PresencePenalty : 0);
        }

        return _scores;
    }

    /// <summary>
    /// Scores <c>[vocabulary]</c> → the weights to draw by; 0 where a filter drops the token, 1 for the most likely.
    /// </summary>
    /// <param name="scores">Logits or logarithms of probabilities, penalised.</param>
    /// <param name="total">The sum of the weights.</param>
    public ReadOnlySpan<double> Weigh(ReadOnlySpan<float> scores, out double total)
    {
        Array.Resize(ref _probabilities, scores.Length);
        Array.Resize(ref _candidates, scores.Length);
        float highest = scores[IndexOfMax(scores)];
        int most = Math.Max(options.TopK, keep);
        float least = options.TopK > 0 && most < scores.Length
            ? KthLargest(scores, most)
            : float.NegativeInfinity;
        total = 0;
        for (int id = 0; id < scores.Length; id++)
        {
            double weight = scores[id] >= least ? Math.Exp((scores[id] - (double)highest) / options.Temperature) : 0;
            _probabilities[id] = weight;
            total += weight;
        }

        if (options.TopP < 1)
        {
            total = KeepTopP(total);
        }

        // The most likely token's weight is 1, so min-p compares weights directly.
        return options.MinP > 0 ? KeepMinP(out total) : _probabilities;
    }

    /// <summary>
    /// Drops the least likely tokens whose probabilities add up to at most <c>1 − top-p</c>; returns the remaining
    /// weight.
    /// </summary>
    private double KeepTopP(double total)
    {
        double budget = (1 - (double)options.TopP) * total;

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

    private double[] KeepMinP(out double total)
    {
        total = 0;
        for (int id = 0; id < _probabilities.Length; id++)
        {
            _probabilities[id] = _probabilities[id] < options.MinP ? 0 : _probabilities[id];
            total += _probabilities[id];
        }

        return _probabilities;
    }
}
