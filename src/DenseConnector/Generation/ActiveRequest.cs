using System.Runtime.InteropServices;
using DenseConnector.Decoders;
using DenseConnector.Imaging;
using DenseConnector.Multimodal;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Generation;

/// <summary>
/// A request while it is worked on: its visual tokens, its embedded prompt, its key/value cache, and what to do next.
/// </summary>
/// <remarks>
/// Each <see cref="Step"/> does one short unit: embed a few tiles, prefill one chunk, or make one token (of a beam
/// search, one for each beam). Owns its tensors; disposing frees them. Used on the inference thread.
/// </remarks>
internal sealed class ActiveRequest : IDisposable
{
    /// <summary>
    /// Prompt tokens read in one step: long enough for efficient products, short enough to cancel soon.
    /// </summary>
    public const int PrefillChunk = 512;

    /// <summary>Tiles or frames embedded in one step.</summary>
    public const int TilesPerStep = 4;

    private readonly GenerationRequest _request;
    private readonly GenerationInput _input;
    private readonly Decoder _decoder;
    private readonly VisualEmbedder _visuals;
    private readonly List<Tensor> _tiles = [];
    private readonly List<Tensor> _slots = [];
    private readonly KeyValueCache _cache;
    private int _tilesDone;
    private Tensor? _prompt;
    private long[] _nextIds = [];

    /// <summary>Reserves the cache for the prompt and the longest answer.</summary>
    public ActiveRequest(GenerationRequest request, Decoder decoder, VisualEmbedder visuals)
    {
        _request = request;
        _input = request.Input;
        _decoder = decoder;
        _visuals = visuals;
        int capacity = _input.PromptTokens + _input.MaxNewTokens;
        int rows = request.BeamSearch?.Beams ?? 1;
        _cache = new KeyValueCache(decoder.Config, capacity, decoder.Type, decoder.Device, rows);
    }

    /// <summary>The request this works on.</summary>
    public GenerationRequest Request => _request;

    /// <summary>Does the next unit of work; returns whether there is more.</summary>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    public bool Step()
    {
        _request.Cancellation.ThrowIfCancellationRequested();
        using DisposeScope scope = NewDisposeScope();
        if (_slots.Count < _input.Visuals.Count)
        {
            EmbedTiles(_input.Visuals[_slots.Count]);
            return true;
        }

        // The prompt is cut where the request says so, as the reference cuts it; normally that is its whole length.
        _prompt ??= PromptEmbedder.Embed(_decoder, _input.PromptIds, _slots)
            .narrow(1, 0, _input.PromptTokens)
            .DetachFromDisposeScope();
        if (_cache.Length < _input.PromptTokens)
        {
            return Prefill();
        }

        Tensor ids = tensor(_nextIds, ScalarType.Int64, _decoder.Device);
        return Choose(_decoder.call(_decoder.Embed(ids).unsqueeze(1), _cache));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FreePrompt();
        _cache.Dispose();
    }

    private void EmbedTiles(VisualSlot slot)
    {
        PixelValues pixels = slot.Pixels;
        int tileLength = pixels.Values.Length / pixels.Tiles;
        int count = Math.Min(TilesPerStep, pixels.Tiles - _tilesDone);
        float[] part = count == pixels.Tiles
            ? pixels.Values
            : pixels.Values.AsSpan(_tilesDone * tileLength, count * tileLength).ToArray();
        Tensor input = tensor(part, [count, 3, pixels.Height, pixels.Width], ScalarType.Float32, CPU);
        _tiles.Add(_visuals.call(input).DetachFromDisposeScope());
        _tilesDone += count;
        if (_tilesDone == pixels.Tiles)
        {
            _slots.Add(_visuals.Layout.call(cat(_tiles, 0), slot).DetachFromDisposeScope());
            FreeTiles();
        }
    }

    private bool Prefill()
    {
        int tokens = Math.Min(PrefillChunk, _input.PromptTokens - _cache.Length);
        Tensor hidden = _decoder.call(_prompt!.narrow(1, _cache.Length, tokens), _cache);
        if (_cache.Length < _input.PromptTokens)
        {
            return true;
        }

        FreePrompt();
        return Choose(hidden);
    }

    /// <summary>Final hidden states <c>[rows, tokens, hidden]</c> → the token after the last one of each row.</summary>
    private bool Choose(Tensor hidden)
    {
        // The one copy from the device in a step. Only the last position is scored, and only the tokenizer's tokens:
        // the reference cuts spare rows of the vocabulary off when it loads.
        Tensor logits = _decoder.Score(hidden.narrow(1, hidden.shape[1] - 1, 1))
            .narrow(-1, 0, Math.Min(_decoder.Config.VocabularySize, _input.VocabularySize))
            .to(ScalarType.Float32, CPU)
            .contiguous();
        ReadOnlySpan<float> scores = MemoryMarshal.Cast<byte, float>(logits.bytes);
        if (_request.BeamSearch is BeamSearch search)
        {
            return Continue(search, scores);
        }

        bool more = _request.Accept(scores, out int id);
        _nextIds = [id];
        return more;
    }

    /// <summary>One step of a beam search; the cache's rows follow the beams.</summary>
    private bool Continue(BeamSearch search, ReadOnlySpan<float> scores)
    {
        if (!search.Step(scores))
        {
            _request.Deliver(search.Best);
            return false;
        }

        if (_cache.Length == _input.PromptTokens)
        {
            _cache.CopyFirstRow();
        }
        else
        {
            // The prompt is the same in every row, so only what the beams made themselves moves.
            _cache.Reorder(search.Parents, _input.PromptTokens);
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
