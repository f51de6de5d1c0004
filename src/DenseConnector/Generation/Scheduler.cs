using DenseConnector.Decoders;
using DenseConnector.Multimodal;

namespace DenseConnector.Generation;

/// <summary>
/// Shares the model among requests: up to a limit are worked on in turn, one unit of work each; further ones wait in
/// order.
/// </summary>
/// <remarks>Used on the inference thread alone.</remarks>
/// <param name="decoder">The language model.</param>
/// <param name="visuals">The vision side.</param>
/// <param name="maxActive">The most requests worked on at once.</param>
internal sealed class Scheduler(Decoder decoder, VisualEmbedder visuals, int maxActive) : IDisposable
{
    private readonly Queue<GenerationRequest> _waiting = new();
    private readonly List<ActiveRequest> _active = [];

    private bool _disposed;

    /// <summary>Takes a request in; after disposal it fails at once.</summary>
    public void Submit(GenerationRequest request)
    {
        if (_disposed)
        {
            request.Fail(Disposed());
            return;
        }

        _waiting.Enqueue(request);
    }

    /// <summary>
    /// Admits what fits and does one unit of work for each active request; returns whether there is more.
    /// </summary>
    public bool Step()
    {
        while (_active.Count < maxActive && _waiting.TryDequeue(out GenerationRequest? request))
        {
            Admit(request);
        }

        for (int i = _active.Count - 1; i >= 0; i--)
        {
            if (!TryStep(_active[i]))
            {
                _active[i].Dispose();
                _active.RemoveAt(i);
            }
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
    }

    private static ObjectDisposedException Disposed() =>
        new(nameof(DenseConnectorModel), "The model was disposed before the answer ended.");

    private void Admit(GenerationRequest request)
    {
        try
        {
            _active.Add(new ActiveRequest(request, decoder, visuals));
        }
        catch (Exception e) // Out of memory in libtorch, for example: it is this request's error, the others go on.
        {
            request.Fail(e);
        }
    }

    private static bool TryStep(ActiveRequest active)
    {
        try
        {
            return active.Step();
        }
        catch (Exception e) // Whatever happens to one request is that request's error; the others go on.
        {
            active.Request.Fail(e);
            return false;
        }
    }
}
