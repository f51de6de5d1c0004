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
/// Each <see cref="Step"/> does one short unit: embed a few tiles, prefill one chunk, or make one token. Owns its
/// tensors; disposing frees them. Used on the inference thread.
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
    private int _nextId;

    /// <summary>Reserves the cache for the prompt and the longest answer.</summary>
    public ActiveRequest(GenerationRequest request, Decoder decoder, VisualEmbedder visuals)
    {
        _request = request;
        _input = request.Input;
        _decoder = decoder;
        _visuals = visuals;
        int capacity = _input.PromptTokens + _input.MaxNewTokens;
        _cache = new KeyValueCache(decoder.Config, capacity, decoder.Type, decoder.Device);
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

        Tensor id = tensor([(long)_nextId], ScalarType.Int64, _decoder.Device);
        return Choose(_decoder.call(_decoder.Embed(id).unsqueeze(0), _cache));
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

    /// <summary>Final hidden states <c>[1, tokens, hidden]</c> → the token after the last one.</summary>
    private bool Choose(Tensor hidden)
    {
        // The one copy from the device in a step. Only the last position is scored, and only the tokenizer's tokens:
        // the reference cuts spare rows of the vocabulary off when it loads.
        Tensor logits = _decoder.Score(hidden.narrow(1, hidden.shape[1] - 1, 1))
            .view(-1)
            .narrow(0, 0, Math.Min(_decoder.Config.VocabularySize, _input.VocabularySize))
            .to(ScalarType.Float32, CPU)
            .contiguous();
        return _request.Accept(MemoryMarshal.Cast<byte, float>(logits.bytes), out _nextId);
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
