using System.Runtime.InteropServices;
using DenseConnector.Decoders;
using DenseConnector.Multimodal;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Generation;

/// <summary>
/// A request while it is worked on: its visual tokens, its embedded prompt, its key/value cache, and what to do next.
/// </summary>
/// <remarks>
/// Each <see cref="Step"/> does one short unit: embed one picture, prefill one chunk, or make one token. Owns its
/// tensors; disposing frees them. Used on the inference thread.
/// </remarks>
internal sealed class ActiveRequest : IDisposable
{
    /// <summary>
    /// Prompt tokens read in one step: long enough for efficient products, short enough to cancel soon.
    /// </summary>
    public const int PrefillChunk = 512;

    private readonly GenerationRequest _request;
    private readonly Decoder _decoder;
    private readonly VisualEmbedder _visuals;
    private readonly List<Tensor> _visualTokens = [];
    private readonly KeyValueCache _cache;
    private Tensor? _prompt;
    private int _nextId;

    /// <summary>Reserves the cache for the prompt and the longest answer.</summary>
    public ActiveRequest(GenerationRequest request, Decoder decoder, VisualEmbedder visuals)
    {
        _request = request;
        _decoder = decoder;
        _visuals = visuals;
        int capacity = request.PromptTokens + request.MaxNewTokens;
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
        if (_visualTokens.Count < _request.Pictures.Count)
        {
            EmbedPicture();
            return true;
        }

        _prompt ??= PromptEmbedder.Embed(_decoder, _request.PromptIds, _visualTokens).DetachFromDisposeScope();
        if (_cache.Length < _request.PromptTokens)
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

    private void EmbedPicture()
    {
        Imaging.PixelValues picture = _request.Pictures[_visualTokens.Count];
        Tensor pixels = tensor(picture.Values, [picture.Tiles, 3, picture.Height, picture.Width], ScalarType.Float32);
        _visualTokens.Add(_visuals.call(pixels)[0].DetachFromDisposeScope());
    }

    private bool Prefill()
    {
        int tokens = Math.Min(PrefillChunk, _request.PromptTokens - _cache.Length);
        Tensor hidden = _decoder.call(_prompt!.narrow(1, _cache.Length, tokens), _cache);
        if (_cache.Length < _request.PromptTokens)
        {
            return true;
        }

        FreePrompt();
        return Choose(hidden);
    }

    private void FreePrompt()
    {
        _visualTokens.ForEach(tokens => tokens.Dispose());
        _prompt?.Dispose();
    }

    /// <summary>Final hidden states <c>[1, tokens, hidden]</c> → the token after the last one.</summary>
    private bool Choose(Tensor hidden)
    {
        // The one copy from the device in a step. Only the last position is scored.
        using Tensor logits = _decoder.Score(hidden.narrow(1, hidden.shape[1] - 1, 1))
            .to(ScalarType.Float32, CPU)
            .contiguous();
        return _request.Accept(MemoryMarshal.Cast<byte, float>(logits.bytes), out _nextId);
    }
}
