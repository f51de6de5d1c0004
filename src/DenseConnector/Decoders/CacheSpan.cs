namespace DenseConnector.Decoders;

/// <summary>
/// The new tokens of one request in a decoder call: <c>Rows · Tokens</c> of the flat tensor, row after row.
/// </summary>
/// <param name="Cache">The request's past, behind which the tokens stand.</param>
/// <param name="Rows">Rows of the cache that are read and written: 1, or one for each beam.</param>
/// <param name="Tokens">New tokens in each row.</param>
internal readonly record struct CacheSpan(KeyValueCache Cache, int Rows, int Tokens)
{
    /// <summary>The span's part of the flat tensor.</summary>
    public int Length => Rows * Tokens;
}
