using DenseConnector.Decoders;
using DenseConnector.Diagnostics;
using DenseConnector.Imaging;
using DenseConnector.Multimodal;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Generation;

/// <summary>
/// A request while it is worked on: its visual tokens, its embedded prompt, its key/value cache, and its newest tokens.
/// </summary>
/// <remarks>
/// The scheduler drives it: <see cref="Read"/> does one short unit of work on the prompt (embed a few tiles, prefill
/// one chunk) until <see cref="HasRead"/>; then <see cref="Choose"/> makes a token of the logits (of a beam search, one
/// for each beam), which the next step reads as <see cref="Span"/>. Owns its tensors; disposing frees them.
/// </remarks>
/// <param name="request">What to do.</param>
/// <param name="decoder">The language model.</param>
/// <param name="visuals">The vision side.</param>
/// <param name="prefixes">Lends the key/value cache and takes it back.</param>
/// <param name="seen">The visual tokens of pictures seen before.</param>
internal sealed class ActiveRequest(
    GenerationRequest request, Decoder decoder, VisualEmbedder visuals, PrefixCache prefixes, VisualCache seen)
    : IDisposable
{
    /// <summary>
    /// Prompt tokens read in one step: long enough for efficient products, short enough to cancel soon.
    /// </summary>
    public const int PrefillChunk = 512;

    /// <summary>Tiles or frames embedded in one step.</summary>
    public const int TilesPerStep = 4;

    private readonly GenerationInput _input = request.Input;
    private readonly List<Tensor> _tiles = [];
    private readonly List<Tensor> _slots = [];
    private CachedPrefix? _prefix;
    private PromptPlace _start;
    private int _tilesDone;
    private Tensor? _prompt;
    private long[] _nextIds = [];

    /// <summary>The request this works on.</summary>
    public GenerationRequest Request => request;

    /// <summary>Whether the whole prompt stands in the cache.</summary>
    public bool HasRead => _prefix?.Cache.Length >= _input.PromptTokens;

    /// <summary>The newest token of each row, which the model has not read yet.</summary>
    public IReadOnlyList<long> NextIds => _nextIds;

    /// <summary>Where the newest tokens belong.</summary>
    public CacheSpan Span => new(_prefix!.Cache, _nextIds.Length, 1);

    /// <summary>How many rows are scored next: one for the prompt, then one for each newest token.</summary>
    public int ScoredRows => Math.Max(_nextIds.Length, 1);

    /// <summary>
    /// Does the next unit of work on the prompt; when it is read, returns the final hidden state of its last token,
    /// <c>[1, hidden]</c>.
    /// </summary>
    public Tensor? Read()
    {
        using DisposeScope scope = NewDisposeScope();
        KeyValueCache cache = (_prefix ??= Begin()).Cache;
        if (NextSlot() is VisualSlot slot)
        {
            request.Trace?.Enter(RequestPhase.Vision);
            EmbedTiles(slot);
            return null;
        }

        request.Trace?.Enter(RequestPhase.Prefill);
        _prompt ??= EmbedPrompt(cache.Length);
        int tokens = Math.Min(PrefillChunk, _input.PromptTokens - cache.Length);
        int rest = _input.PromptTokens - cache.Length;
        Tensor hidden = decoder.call(
            _prompt.narrow(0, _prompt.shape[0] - rest, tokens), new DecoderBatch(cache, tokens));
        if (!HasRead)
        {
            return null;
        }

        FreePrompt();
        return hidden.narrow(0, tokens - 1, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of the scored rows → the next token of each; returns whether there is more to do.</summary>
    /// <param name="logits">Logits <c>[rows · vocabulary]</c>.</param>
    /// <param name="vocabulary">Logits in a row.</param>
    public bool Choose(ReadOnlySpan<float> logits, int vocabulary)
    {
        request.Trace?.Enter(RequestPhase.Decode);

        // Only the tokenizer's tokens: the reference cuts spare rows of the vocabulary off when it loads.
        int known = Math.Min(vocabulary, _input.VocabularySize);
        if (request.BeamSearch is BeamSearch search)
        {
            return Continue(search, known == vocabulary ? logits : Cut(logits, vocabulary, known));
        }

        bool more = request.Accept(logits[..known], out int id);
        _nextIds = [id];
        _prefix!.Add(id);
        return more;
    }

    /// <summary>Leaves what was read to later requests; nothing may have failed before.</summary>
    public void Keep()
    {
        if (_prefix is CachedPrefix prefix)
        {
            _prefix = null;
            prefixes.Keep(prefix);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FreePrompt();
        if (_prefix is not null)
        {
            prefixes.Discard(_prefix);
        }
    }

    /// <summary>The first logits of each row.</summary>
    private static float[] Cut(ReadOnlySpan<float> logits, int vocabulary, int known)
    {
        float[] kept = new float[logits.Length / vocabulary * known];
        for (int from = 0, to = 0; to < kept.Length; from += vocabulary, to += known)
        {
            logits.Slice(from, known).CopyTo(kept.AsSpan(to));
        }

        return kept;
    }

    private CachedPrefix Begin()
    {
        CachedPrefix prefix = prefixes.Lend(
            _input.Positions(), _input.PromptTokens + _input.MaxNewTokens, request.BeamSearch?.Beams ?? 1);
        request.CachedTokens = prefix.Cache.Length;
        _start = _input.Find(prefix.Cache.Length);
        return prefix;
    }

    /// <summary>
    /// The next picture the encoder has to look at: neither read by the cache nor seen before; <c>null</c> if there is
    /// none.
    /// </summary>
    private VisualSlot? NextSlot()
    {
        while (_start.Slot + _slots.Count < _input.Visuals.Count)
        {
            VisualSlot slot = _input.Visuals[_start.Slot + _slots.Count];
            if (_tilesDone > 0 || seen.Find(slot.Hash) is not Tensor tokens)
            {
                return slot;
            }

            _slots.Add(tokens.DetachFromDisposeScope());
        }

        return null;
    }

    /// <summary>
    /// The embeddings of what the cache does not hold, <c>[tokens, hidden]</c>. The prompt is cut where the request
    /// says so, as the reference cuts it; normally that is its whole length.
    /// </summary>
    private Tensor EmbedPrompt(int cached) =>
        PromptEmbedder.Embed(decoder, _input.PromptIds.AsSpan(_start.Id), _slots)
            .narrow(0, cached - _start.Start, _input.PromptTokens - cached)
            .DetachFromDisposeScope();

    private void EmbedTiles(VisualSlot slot)
    {
        PixelValues pixels = slot.Pixels;
        int tileLength = pixels.Values.Length / pixels.Tiles;
        int count = Math.Min(TilesPerStep, pixels.Tiles - _tilesDone);
        float[] part = count == pixels.Tiles
            ? pixels.Values
            : pixels.Values.AsSpan(_tilesDone * tileLength, count * tileLength).ToArray();
        Tensor input = tensor(part, [count, 3, pixels.Height, pixels.Width], ScalarType.Float32, CPU);
        _tiles.Add(visuals.call(input).DetachFromDisposeScope());
        _tilesDone += count;
        if (_tilesDone == pixels.Tiles)
        {
            Tensor tokens = visuals.Layout.call(cat(_tiles, 0), slot).DetachFromDisposeScope();
            _slots.Add(tokens);
            FreeTiles();
            seen.Keep(slot.Hash, tokens);
        }
    }

    /// <summary>One step of a beam search; the cache's rows follow the beams.</summary>
    private bool Continue(BeamSearch search, ReadOnlySpan<float> scores)
    {
        if (!search.Step(scores))
        {
            request.Deliver(search.Best);
            return false;
        }

        KeyValueCache cache = _prefix!.Cache;
        if (_nextIds.Length == 0)
        {
            cache.CopyFirstRow();
        }
        else
        {
            // The prompt is the same in every row, so only what the beams made themselves moves.
            cache.Reorder(search.Parents, _input.PromptTokens);
        }

        _nextIds = Array.ConvertAll(search.Tokens.ToArray(), id => (long)id);
        return true;
    }

    private void FreeTiles()
    {
        _tiles.ForEach(tile => tile.Dispose());
        _tiles.Clear();
        _tilesDone = 0;
    }

    private void FreePrompt()
    {
        FreeTiles();
        _slots.ForEach(slot => slot.Dispose());
        _prompt?.Dispose();
    }
}
