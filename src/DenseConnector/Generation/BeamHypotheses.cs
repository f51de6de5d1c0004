namespace DenseConnector.Generation;

/// <summary>
/// The best answers a beam search has ended so far (<c>BeamHypotheses</c> of transformers 4.36 with a length penalty
/// of 1): ordered by their mean logarithm of probability per token.
/// </summary>
/// <param name="most">How many are kept.</param>
internal sealed class BeamHypotheses(int most)
{
    private readonly List<(double Score, int[] Ids)> _ended = [];

    // The reference starts so that the first answer sets it.
    private double _worst = 1e9;

    /// <summary>The best answer and its mean logarithm of probability; of equal ones the latest.</summary>
    public (double Score, int[] Ids) Best
    {
        get
        {
            (double Score, int[] Ids) best = _ended[0];
            foreach ((double Score, int[] Ids) answer in _ended)
            {
                best = answer.Score >= best.Score ? answer : best;
            }

            return best;
        }
    }

    /// <summary>Takes an answer in if there is room or it is better than the worst one, which then goes.</summary>
    /// <param name="ids">The answer's tokens, the ending one included.</param>
    /// <param name="sum">The sum of their logarithms of probability.</param>
    public void Add(int[] ids, float sum)
    {
        double score = (double)sum / ids.Length;
        if (_ended.Count < most)
        {
            _ended.Add((score, ids));
            _worst = Math.Min(score, _worst);
        }
        else if (score > _worst)
        {
            _ended.Add((score, ids));
            _ended.RemoveAt(_ended.FindIndex(answer => answer.Score == _worst));
            _worst = _ended.Min(answer => answer.Score);
        }
    }

    /// <summary>
    /// Whether no open beam is taken for able to become better: the rule of <c>early_stopping=False</c>, which
    /// supposes that a beam ends at once.
    /// </summary>
    /// <param name="bestSum">The best sum among the candidates of this step.</param>
    /// <param name="length">Tokens of those candidates.</param>
    public bool AreFinal(float bestSum, int length) =>
        _ended.Count >= most && _worst >= (double)bestSum / length;
}
