namespace DenseConnector.Tests;

/// <summary>The bundled model with nothing kept between requests.</summary>
public sealed class UncachedTinyModelFixture : TinyModelFixture
{
    protected override ModelOptions Options => new() { PrefixCacheBytes = 0, VisualCacheBytes = 0 };
}
