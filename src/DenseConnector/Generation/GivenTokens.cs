namespace DenseConnector.Generation;

/// <summary>Chooses tokens that are given, and adds up how likely the model finds them.</summary>
/// <param name="ids">The tokens, in order.</param>
internal sealed class GivenTokens(IReadOnlyList<int> ids) : ITokenChooser
{
    private int _next;

    /// <summary>The natural logarithm of the probability of the tokens chosen so far.</summary>
    public double LogProbability { get; private set; }

    /// <inheritdoc/>
    public int Next(ReadOnlySpan<float> logits)
    {
        int id = ids[_next++];
        float largest = logits[SamplingFilters.IndexOfMax(logits)];
        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }

        LogProbability += logits[id] - largest - Math.Log(sum);
        return id;
    }
}
