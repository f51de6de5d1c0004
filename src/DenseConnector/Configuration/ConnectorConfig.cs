namespace DenseConnector.Configuration;

/// <summary>What lies between the vision encoder and the language model.</summary>
/// <remarks>Immutable.</remarks>
internal sealed record ConnectorConfig
{
    /// <summary>The connector's configuration name: <c>sti</c>, <c>sci</c>, <c>dci</c> or <c>none</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The projector's configuration name, <c>linear</c>, <c>mlp{n}x_gelu</c> or <c>identity</c>.</summary>
    public required string Projector { get; init; }

    /// <summary>
    /// The vision tower as the configuration names it: a folder beside it or a hub repository; <c>null</c> where the
    /// configuration describes the tower itself, and the checkpoint holds it.
    /// </summary>
    public required string? VisionTower { get; init; }

    /// <summary>Which hidden state is the last feature; a negative number counts from the end.</summary>
    public required int SelectLayer { get; init; }

    /// <summary>
    /// The width the projector reads, as the configuration says it; checked against the connector's own.
    /// </summary>
    public required int? ProjectorInput { get; init; }
}
