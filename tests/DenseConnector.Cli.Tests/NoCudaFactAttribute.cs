using DenseConnector.Loading;

namespace DenseConnector.Cli.Tests;

/// <summary>A test of what happens on a machine without CUDA; skipped where there is CUDA.</summary>
internal sealed class NoCudaFactAttribute : FactAttribute
{
    public NoCudaFactAttribute() => Skip = NativeLibraries.Inspect().HasCuda ? "This machine has CUDA." : null;
}
