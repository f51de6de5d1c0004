namespace DenseConnector.Tests.Hub;

/// <summary>What a <see cref="HubServer"/> answers, its faults included.</summary>
internal sealed record HubReply(int Status, byte[] Body)
{
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>The length to state where it is not that of the body.</summary>
    public long? ContentLength { get; init; }

    /// <summary>After so many bytes of the body the connection is cut.</summary>
    public int? BreakAfter { get; init; }

    /// <summary>After so many bytes of the body nothing comes any more until the server ends.</summary>
    public int? StallAfter { get; init; }
}
