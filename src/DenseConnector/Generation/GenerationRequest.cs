using System.Threading.Channels;
using DenseConnector.Diagnostics;
using DenseConnector.Text;

namespace DenseConnector.Generation;

/// <summary>
/// One request: what goes in, how tokens are chosen and turned into text, and the channel the answer leaves by.
/// </summary>
/// <remarks>Made on the caller's thread, then used on the inference thread alone. Holds no tensors.</remarks>
internal sealed class GenerationRequest
{
    private readonly Channel<GenerationUpdate> _updates =
        Channel.CreateUnbounded<GenerationUpdate>(
            new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly ITokenChooser _chooser;
    private readonly StreamingDecoder _text;
    private readonly StopCondition _stop;
    private readonly List<int> _unsentIds = [];
    private int _generated;

    /// <summary>Creates a request.</summary>
    public GenerationRequest(
        GenerationInput input,
        ITokenChooser chooser,
        StreamingDecoder text,
        StopCondition stop,
        CancellationToken cancellation)
    {
        Input = input;
        _chooser = chooser;
        _text = text;
        _stop = stop;
        Cancellation = cancellation;
    }

    /// <summary>What the request reads and how much it may make.</summary>
    public GenerationInput Input { get; }

    /// <summary>Makes the answer where it is not made token by token; <c>null</c> for one beam.</summary>
    public BeamSearch? BeamSearch { get; init; }

    /// <summary>Who watches the request; <c>null</c> if nobody does.</summary>
    public RequestTrace? Trace { get; init; }

    /// <summary>Prompt tokens that did not have to be read, as an earlier request had read them.</summary>
    public int CachedTokens { get; set; }

    /// <summary>Ends the request early; looked at between tokens, prefill chunks and pictures.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>The answer's pieces; completes with the error if there was one.</summary>
    public ChannelReader<GenerationUpdate> Updates => _updates.Reader;

    /// <summary>Chooses the next token and sends its text on.</summary>
    /// <param name="logits">Logits <c>[vocabulary]</c>.</param>
    /// <param name="id">The token chosen.</param>
    /// <returns>Whether the answer goes on.</returns>
    public bool Accept(ReadOnlySpan<float> logits, out int id)
    {
        id = _chooser.Next(logits);
        return Take(id);
    }

    /// <summary>Sends a whole answer on, as far as no stop sequence ends it before.</summary>
    /// <param name="ids">The answer's tokens; an ending one, or as many as may be made.</param>
    public void Deliver(ReadOnlySpan<int> ids)
    {
        for (int i = 0; i < ids.Length && Take(ids[i]); i++)
        {
        }
    }

    /// <summary>Ends the answer with an error; what was sent before still arrives.</summary>
    public void Fail(Exception error)
    {
        Trace?.Fail(error);
        _updates.Writer.TryComplete(error);
    }

    private bool Take(int id)
    {
        _generated++;
        _unsentIds.Add(id);
        if (_stop.IsEnd(id))
        {
            Finish(string.Empty, FinishReason.Stop);
            return false;
        }

        string text = _stop.Append(_text.Append(id), out bool stopped);
        if (stopped)
        {
            Send(text, FinishReason.Stop);
            return false;
        }

        if (_generated == Input.MaxNewTokens)
        {
            Finish(text, FinishReason.Length);
            return false;
        }

        if (text.Length > 0)
        {
            Send(text, null);
        }

        return true;
    }

    /// <summary>Sends the text and all that was held back, unless that completes a stop sequence.</summary>
    private void Finish(string text, FinishReason reason)
    {
        string rest = _stop.Append(_text.Flush(), out bool stopped);
        Send(text + rest + _stop.Flush(), stopped ? FinishReason.Stop : reason);
    }

    private void Send(string text, FinishReason? reason)
    {
        TokenUsage? usage = reason is null ? null : new TokenUsage(Input.PromptTokens, _generated, CachedTokens);
        if (usage is not null)
        {
            Trace?.Complete(usage);
        }

        _updates.Writer.TryWrite(new GenerationUpdate(text, reason, usage) { TokenIds = [.. _unsentIds] });
        _unsentIds.Clear();
        if (reason is not null)
        {
            _updates.Writer.TryComplete();
        }
    }
}
