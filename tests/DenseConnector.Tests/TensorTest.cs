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
        _liveBefore = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        _scope = torch.NewDisposeScope();
    }

    public void Dispose()
    {
        _scope.Dispose();
        _inference.Dispose();
        Assert.Equal(_liveBefore, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        GC.SuppressFinalize(this);
    }
}
