namespace DenseConnector.Connectors;

/// <summary>The connectors by their configuration name (<c>mm_dense_connector_type</c>).</summary>
internal static class ConnectorRegistry
{
    private static readonly Dictionary<string, Func<EncoderLayers, Connector>> Connectors = new(StringComparer.Ordinal)
    {
        ["sti"] = layers => new SparseTokenIntegration(layers),
        ["sci"] = layers => new SparseChannelIntegration(layers),
        ["dci"] = layers => new DenseChannelIntegration(layers),
        ["none"] = _ => new SingleLayer(),
    };

    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IEnumerable<string> Names => Connectors.Keys;

    /// <summary>Makes the connector of a configuration name, or gives <c>null</c> if it is not known.</summary>
    public static Connector? Create(string name, EncoderLayers layers) =>
        Connectors.TryGetValue(name, out Func<EncoderLayers, Connector>? create) ? create(layers) : null;
}
