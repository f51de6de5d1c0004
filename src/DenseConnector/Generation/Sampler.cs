namespace DenseConnector.Generation;

/// <summary>
/// Chooses the next token from the logits: greedy, or drawn after the filters of transformers' <c>generate</c>.
/// </summary>
/// <remarks>
/// One per request: it remembers what was generated and its place in the random sequence. Plain numbers, no tensors.
/// </remarks>
internal sealed class Sampler : ITokenChooser
{
    private readonly GenerationOptions _options;
    private readonly SamplingFilters _filters;
    private readonly SeededRandom _random;
    private readonly Dictionary<int, int> _seen = [];

    /// <summary>Starts a request.</summary>
    /// <param name="options">The request's options.</param>
    /// <param name="beginId">
    /// The begin-of-text id, which counts as seen for the repetition penalty: the reference generates from embeddings,
    /// and transformers puts this id in front.
    /// </param>
    public Sampler(GenerationOptions options, int? beginId)
    {
        _options = options;
        _filters = new SamplingFilters(options);
        _random = new SeededRandom(options.Seed ?? Random.Shared.NextInt64());
        if (beginId is int id)
        {
            _seen.Add(id, 0);
        }
    }

    /// <inheritdoc/>
    public int Next(ReadOnlySpan<float> logits)
    {
        ReadOnlySpan<float> scores = _filters.Penalize(logits, _seen);
        int id = _options.Temperature == 0 ? SamplingFilters.IndexOfMax(scores) : Draw(scores);
        _seen[id] = _seen.GetValueOrDefault(id) + 1;
        return id;
    }

    private int Draw(ReadOnlySpan<float> scores)
    {
        ReadOnlySpan<double> weights = _filters.Weigh(scores, out double total);
        double target = _random.Next() * total;
        int last = 0;
        for (int id = 0; id < weights.Length; id++)
        {
            if (weights[id] == 0)
            {
                continue;
            }

            last = id;
            target -= weights[id];
            if (target < 0)
            {
                break;
            }
        }

        // Rounding may leave the target a hair above the sum; the last possible token is then the one.
        return last;
    }
}
