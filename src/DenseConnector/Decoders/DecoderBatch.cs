namespace DenseConnector.Decoders;

/// <summary>
/// Which tokens of a decoder call belong to which request: spans that lie one after the other in the flat tensor
/// <c>[tokens, hidden]</c>.
/// </summary>
/// <remarks>Immutable; each cache occurs once. Does not own the caches.</remarks>
internal sealed class DecoderBatch
{
    /// <summary>Joins the spans of several requests.</summary>
    /// <exception cref="ArgumentException">There is none, one is empty, or two share a cache.</exception>
    public DecoderBatch(params IReadOnlyList<CacheSpan> spans)
    {
        if (spans.Count == 0 || spans.Any(span => span.Length <= 0))
        {
            throw new ArgumentException("A decoder call needs spans of at least one token each.", nameof(spans));
        }

        if (spans.DistinctBy(span => span.Cache).Count() < spans.Count)
        {
            throw new ArgumentException("Two spans share a cache; give each request one span.", nameof(spans));
        }

        Spans = [.. spans];
        Tokens = spans.Sum(span => span.Length);
    }

    /// <summary>New tokens of one request with one row.</summary>
    public DecoderBatch(KeyValueCache cache, int tokens)
        : this(new CacheSpan(cache, 1, tokens))
    {
    }

    /// <summary>The spans in the order of the flat tensor.</summary>
    public IReadOnlyList<CacheSpan> Spans { get; }

    /// <summary>Tokens of all spans together.</summary>
    public int Tokens { get; }

    /// <summary>Counts the new tokens as past, after the last layer has read them.</summary>
    public void Advance()
    {
        foreach (CacheSpan span in Spans)
        {
            span.Cache.Advance(span.Tokens);
        }
    }
}
