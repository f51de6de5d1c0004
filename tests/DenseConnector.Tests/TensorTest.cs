using DenseConnector.Loading;
using TorchSharp;

namespace DenseConnector.Tests;

/// <summary>
/// Base of synchronous tests that hold tensors: a scope and inference mode around the test, and after it the check that
/// no tensor stayed behind.
/// </summary>
public abstract class TensorTest : IDisposable
{
    private readonly IDisposable _inference;
    private readonly DisposeScope _scope;
    private readonly long _liveBefore;

    protected TensorTest()
    {
        NativeLibraries.EnsureLoaded();
        _inference = torch.inference_mode();
        _liveBefore = LiveTensors;
        _scope = torch.NewDisposeScope();
    }

    /// <summary>Tensors this thread has made and not disposed.</summary>
    protected static long LiveTensors => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    public void Dispose()
    {
        DisposeTest();
        _scope.Dispose();
        _inference.Dispose();
        Assert.Equal(_liveBefore, LiveTensors);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes what the test class itself holds; comes first.</summary>
    protected virtual void DisposeTest()
    {
    }
}
