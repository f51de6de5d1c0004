using System.Diagnostics.CodeAnalysis;
using DenseConnector.Decoders;
using DenseConnector.Multimodal;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Generation;

/// <summary>
/// Shares the model among requests: up to a limit are worked on together, further ones wait in order.
/// </summary>
/// <remarks>
/// <para>
/// A <see cref="Step"/> is one unit of work on a prompt, for the request that came first, and then one decoder call
/// that reads the newest token of every request whose prompt is read: the weights are read once for all of them.
/// Requests join and leave between steps. Tokens of a prompt never share a call with others, so that a request's
/// numbers do not depend on who else is there.
/// </para>
/// <para>Used on the inference thread alone.</para>
/// </remarks>
/// <param name="decoder">The language model.</param>
/// <param name="visuals">The vision side.</param>
/// <param name="maxActive">The most requests worked on at once.</param>
/// <param name="prefixBytes">The budget of the <see cref="PrefixCache"/>.</param>
/// <param name="visualBytes">The budget of the <see cref="VisualCache"/>.</param>
internal sealed class Scheduler(
    Decoder decoder, VisualEmbedder visuals, int maxActive, long prefixBytes = 0, long visualBytes = 0) : IDisposable
{
    private readonly PrefixCache _prefixes = new(decoder, prefixBytes);
    private readonly VisualCache _seen = new(visualBytes);
    private readonly List<GenerationRequest> _waiting = [];
    private readonly List<ActiveRequest> _active = [];

    private bool _disposed;

    /// <summary>Bytes of the key/value caches kept for later requests.</summary>
    public long KeptPrefixBytes => _prefixes.KeptBytes;

    /// <summary>Bytes of the visual tokens kept for later requests.</summary>
    public long KeptVisualBytes => _seen.Bytes;

    /// <summary>Requests under way.</summary>
    public int ActiveRequests => _active.Count;

    /// <summary>Takes a request in; after disposal it fails at once.</summary>
    public void Submit(GenerationRequest request)
    {
        if (_disposed)
        {
            request.Fail(Disposed());
            return;
        }

        _waiting.Add(request);
    }

    /// <summary>
    /// Admits what fits, does one unit of prompt work and gives every other active request its next token; returns
    /// whether there is more.
    /// </summary>
    public bool Step()
    {
        using DisposeScope scope = NewDisposeScope();
        EndCancelled();
        Admit();
        ActiveRequest? reading = _active.Find(active => !active.HasRead);
        Tensor? last = null;
        if (reading is not null && Try([reading], reading.Read, out last) && last is null)
        {
            reading = null;
        }

        // A unit of prompt work may take long.
        EndCancelled();
        List<ActiveRequest> choosing = _active.FindAll(active => active.HasRead && active != reading);
        List<Tensor> hidden = [];
        if (choosing.Count > 0)
        {
            if (Try(choosing, () => Decode(choosing), out Tensor? states))
            {
                hidden.Add(states);
            }
            else
            {
                choosing.Clear();
            }
        }

        if (last is not null && _active.Contains(reading!))
        {
            choosing.Add(reading!);
            hidden.Add(last);
        }

        if (choosing.Count > 0 && Try(
            choosing,
            () => decoder.ScoreToHost(hidden.Count == 1 ? hidden[0] : cat(hidden, 0)),
            out float[]? logits))
        {
            Choose(choosing, logits);
        }

        return _active.Count + _waiting.Count > 0;
    }

    /// <summary>
    /// Ends every request that is waiting or active; they fail with <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (ActiveRequest active in _active)
        {
            active.Request.Fail(Disposed());
            active.Dispose();
        }

        foreach (GenerationRequest request in _waiting)
        {
            request.Fail(Disposed());
        }

        _active.Clear();
        _waiting.Clear();
        _prefixes.Dispose();
        _seen.Dispose();
    }

    private static ObjectDisposedException Disposed() =>
        new(nameof(DenseConnectorModel), "The model was disposed before the answer ended.");

    private void EndCancelled()
    {
        foreach (ActiveRequest active in _active.FindAll(active => IsCancelled(active.Request)))
        {
            Retire(active);
        }

        _waiting.RemoveAll(IsCancelled);

        static bool IsCancelled(GenerationRequest request)
        {
            if (!request.Cancellation.IsCancellationRequested)
            {
                return false;
            }

            request.Fail(new OperationCanceledException(request.Cancellation));
            return true;
        }
    }

    private void Admit()
    {
        int free = Math.Min(maxActive - _active.Count, _waiting.Count);
        _active.AddRange(_waiting.Take(free).Select(request => new ActiveRequest(
            request, decoder, visuals, _prefixes, _seen)));
        _waiting.RemoveRange(0, free);
    }

    /// <summary>The newest tokens of requests → the final hidden states of their rows, <c>[rows, hidden]</c>.</summary>
    private Tensor Decode(List<ActiveRequest> requests)
    {
        long[] ids = [.. requests.SelectMany(active => active.NextIds)];
        Tensor embedded = decoder.Embed(tensor(ids, ScalarType.Int64, decoder.Device));
        return decoder.call(embedded, new DecoderBatch([.. requests.Select(active => active.Span)]));
    }


    private void Choose(List<ActiveRequest> requests, float[] logits)
    {
        int vocabulary = logits.Length / requests.Sum(active => active.ScoredRows);
        int start = 0;
        foreach (ActiveRequest active in requests)
        {
            int length = active.ScoredRows * vocabulary;
            ReadOnlyMemory<float> own = logits.AsMemory(start, length);
            start += length;
            if (Try([active], () => active.Choose(own.Span, vocabulary), out bool more) && !more)
            {
                Retire(active);
            }
        }
    }

    /// <summary>Does what may fail for some requests: they fail then, the others go on.</summary>
    private bool Try<T>(IReadOnlyList<ActiveRequest> requests, Func<T> work, [NotNullWhen(true)] out T? result)
    {
        try
        {
            result = work()!;
            return true;
        }
        catch (Exception e) // Out of memory in libtorch, for example: whatever happens is these requests' error alone.
        {
            foreach (ActiveRequest active in requests)
            {
                active.Request.Fail(e);
                Remove(active);
            }

            result = default;
            return false;
        }
    }

    /// <summary>Ends a request whose answer was sent or is wanted no more; what it read stays for others.</summary>
    private void Retire(ActiveRequest active) =>
        Try(
            [active],
            () =>
            {
                active.Keep();
                Remove(active);
                return true;
            },
            out _);

    private void Remove(ActiveRequest active)
    {
        _active.Remove(active);
        active.Dispose();
    }
}
