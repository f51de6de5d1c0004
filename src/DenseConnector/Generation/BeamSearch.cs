namespace DenseConnector.Generation;

/// <summary>
/// Follows several answers at once and ends with the one of the best mean logarithm of probability: beam search, or
/// beam sampling above temperature 0, as <c>generate(num_beams=n)</c> of transformers 4.36 does (length penalty 1,
/// <c>early_stopping=False</c>).
/// </summary>
/// <remarks>
/// One per request. Plain numbers, no tensors. Beam sampling draws by the reference's rule but with random numbers of
/// its own, so it cannot give torch's answers.
/// </remarks>
internal sealed class BeamSearch
{
    private readonly GenerationOptions _options;
    private readonly IReadOnlySet<int> _endIds;
    private readonly int _maxNewTokens;
    private readonly int? _beginId;
    private readonly int _keep;
    private readonly SamplingFilters _filters;
    private readonly SeededRandom _random;
    private readonly BeamHypotheses _hypotheses;
    private readonly int[] _parents;
    private readonly int[] _tokens;
    private int[][] _ids;
    private float[] _sums;
    private float[] _scores = [];
    private int _length;

    /// <summary>Starts a request.</summary>
    /// <param name="options">The request's options; at least two beams.</param>
    /// <param name="beginId">The begin-of-text id, which counts as seen for the repetition penalty.</param>
    /// <param name="endIds">The ending tokens.</param>
    /// <param name="maxNewTokens">The most tokens to make.</param>
    public BeamSearch(GenerationOptions options, int? beginId, IReadOnlySet<int> endIds, int maxNewTokens)
    {
        _options = options;
        _beginId = beginId;
        _endIds = endIds;
        _maxNewTokens = maxNewTokens;

        // Enough for a beam to go on with, even if every ending token is among its best.
        _keep = Math.Max(2, 1 + endIds.Count);
        _filters = new SamplingFilters(options, _keep);
        _random = new SeededRandom(options.Seed ?? Random.Shared.NextInt64());
        _hypotheses = new BeamHypotheses(options.Beams);
        _parents = new int[options.Beams];
        _tokens = new int[options.Beams];
        _ids = [.. Enumerable.Repeat(Array.Empty<int>(), options.Beams)];
        _sums = new float[options.Beams];
        if (options.Temperature == 0)
        {
            // The beams start equal, so all but one wait until there is something to tell them apart.
            _sums.AsSpan(1).Fill(-1e9f);
        }
    }

    /// <summary>How many answers are followed.</summary>
    public int Beams => _sums.Length;

    /// <summary>For each beam after a step, the beam before the step that it continues.</summary>
    public ReadOnlySpan<int> Parents => _parents;

    /// <summary>For each beam after a step, its newest token.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>The best answer, its ending token included; known when the search has ended.</summary>
    public int[] Best => _hypotheses.Best.Ids;

    /// <summary>The best answer's mean logarithm of probability per token.</summary>
    public double BestScore => _hypotheses.Best.Score;

    /// <summary>Gives every beam its next token; returns whether the search goes on.</summary>
    /// <param name="logits">
    /// Logits <c>[beams · vocabulary]</c>; in the first step <c>[vocabulary]</c>, for the prompt all beams share.
    /// </param>
    public bool Step(ReadOnlySpan<float> logits)
    {
        int vocabulary = _length == 0 ? logits.Length : logits.Length / Beams;
        Array.Resize(ref _scores, Beams * vocabulary);
        for (int beam = 0; beam < Beams; beam++)
        {
            ReadOnlySpan<float> row = logits.Slice(_length == 0 ? 0 : beam * vocabulary, vocabulary);
            Score(row, beam, _scores.AsSpan(beam * vocabulary, vocabulary));
        }

        _length++;
        BeamCandidate[] candidates = Choose(vocabulary);
        Continue(candidates);
        if (_hypotheses.AreFinal(candidates[0].Score, _length))
        {
            return false;
        }

        if (_length < _maxNewTokens)
        {
            return true;
        }

        for (int beam = 0; beam < Beams; beam++)
        {
            _hypotheses.Add(_ids[beam], _sums[beam]);
        }

        return false;
    }

    /// <summary>
    /// Logits of one beam → its sums with each token, filtered; minus infinity where a filter drops the token.
    /// </summary>
    private void Score(ReadOnlySpan<float> logits, int beam, Span<float> sums)
    {
        float highest = logits[SamplingFilters.IndexOfMax(logits)];
        double total = 0;
        foreach (float logit in logits)
        {
            total += Math.Exp(logit - (double)highest);
        }

        double normalizer = highest + Math.Log(total);
        for (int id = 0; id < logits.Length; id++)
        {
            sums[id] = (float)(logits[id] - normalizer);
        }

        ReadOnlySpan<float> scores = _filters.Penalize(sums, Seen(beam));
        if (_options.Temperature == 0)
        {
            for (int id = 0; id < sums.Length; id++)
            {
                sums[id] = scores[id] + _sums[beam];
            }

            return;
        }

        ReadOnlySpan<double> weights = _filters.Weigh(scores, out _);
        bool filters = _options.TopK > 0 || _options.TopP < 1 || _options.MinP > 0;
        float least = filters && _keep < scores.Length
            ? SamplingFilters.KthLargest(scores, _keep)
            : float.NegativeInfinity;
        for (int id = 0; id < sums.Length; id++)
        {
            sums[id] = weights[id] > 0 || scores[id] >= least
                ? (scores[id] / _options.Temperature) + _sums[beam]
                : float.NegativeInfinity;
        }
    }

    /// <summary>Each token a beam has seen, once, with how often it was generated; counted when it is read.</summary>
    private IEnumerable<KeyValuePair<int, int>> Seen(int beam)
    {
        IEnumerable<(int Id, int Times)> generated = _ids[beam].Select(id => (Id: id, Times: 1));
        return (_beginId is int begin ? generated.Append((Id: begin, Times: 0)) : generated)
            .AggregateBy(token => token.Id, 0, (times, token) => times + token.Times);
    }

    /// <summary>
    /// The best tokens of all beams together, or at a temperature as many drawn without putting back; best first.
    /// </summary>
    private BeamCandidate[] Choose(int vocabulary)
    {
        int most = _keep * Beams;
        PriorityQueue<BeamCandidate, double> chosen = new(most + 1);
        for (int at = 0; at < _scores.Length; at++)
        {
            float score = _scores[at];
            if (float.IsNegativeInfinity(score))
            {
                continue;
            }

            // The largest of scores with Gumbel noise are a draw by probability without putting back.
            double key = _options.Temperature == 0 ? score : score - Math.Log(-Math.Log(Positive()));
            if (chosen.Count < most)
            {
                chosen.Enqueue(new BeamCandidate(at / vocabulary, at % vocabulary, score), key);
            }
            else if (chosen.TryPeek(out _, out double least) && key > least)
            {
                chosen.DequeueEnqueue(new BeamCandidate(at / vocabulary, at % vocabulary, score), key);
            }
        }

        return
        [
            .. chosen.UnorderedItems.Select(item => item.Element)
                .OrderByDescending(candidate => candidate.Score)
                .ThenBy(candidate => candidate.Beam)
                .ThenBy(candidate => candidate.Id),
        ];
    }

    /// <summary>Ends the candidates that are answers and makes beams of the best others.</summary>
    private void Continue(BeamCandidate[] candidates)
    {
        int[][] ids = new int[Beams][];
        float[] sums = new float[Beams];
        int filled = 0;
        for (int rank = 0; rank < candidates.Length && filled < Beams; rank++)
        {
            BeamCandidate candidate = candidates[rank];
            if (!_endIds.Contains(candidate.Id))
            {
                _parents[filled] = candidate.Beam;
                _tokens[filled] = candidate.Id;
                ids[filled] = [.. _ids[candidate.Beam], candidate.Id];
                sums[filled++] = candidate.Score;
            }
            else if (rank < Beams)
            {
                _hypotheses.Add([.. _ids[candidate.Beam], candidate.Id], candidate.Score);
            }
        }

        (_ids, _sums) = (ids, sums);
    }

    /// <summary>A random number above 0 and below 1.</summary>
    private double Positive() => Math.Max(_random.Next(), double.Epsilon);
}
