using static TorchSharp.torch;

namespace DenseConnector.Generation;

/// <summary>
/// Keeps the visual tokens <c>[tokens, hidden]</c> of pictures and videos by their hash, within a budget; the least
/// recently used go first.
/// </summary>
/// <remarks>Used on the inference thread. Disposing frees what is kept.</remarks>
/// <param name="budget">The most bytes; 0 keeps nothing.</param>
internal sealed class VisualCache(long budget) : IDisposable
{
    /// <summary>Least recently used first.</summary>
    private readonly List<(string Hash, Tensor Tokens)> _kept = [];

    /// <summary>Bytes of what is kept.</summary>
    public long Bytes => _kept.Sum(item => Size(item.Tokens));

    /// <summary>The visual tokens of a hash, as a tensor of the caller's, or <c>null</c>.</summary>
    public Tensor? Find(string hash)
    {
        int at = _kept.FindIndex(item => item.Hash == hash);
        if (at < 0)
        {
            return null;
        }

        (string Hash, Tensor Tokens) found = _kept[at];
        _kept.RemoveAt(at);
        _kept.Add(found);
        return found.Tokens.alias();
    }

    /// <summary>Keeps visual tokens, if they fit; the tensor stays the caller's and is not written any more.</summary>
    public void Keep(string hash, Tensor tokens)
    {
        long size = Size(tokens);
        if (size > budget || _kept.Exists(item => item.Hash == hash))
        {
            return;
        }

        while (Bytes + size > budget)
        {
            _kept[0].Tokens.Dispose();
            _kept.RemoveAt(0);
        }

        _kept.Add((hash, tokens.alias().DetachFromDisposeScope()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _kept.ForEach(item => item.Tokens.Dispose());
        _kept.Clear();
    }

    private static long Size(Tensor tokens) => tokens.numel() * tokens.element_size();
}
