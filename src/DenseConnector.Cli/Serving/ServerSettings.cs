namespace DenseConnector.Cli.Serving;

/// <summary>What is served, where, to whom and how much of it.</summary>
internal sealed record ServerSettings
{
    /// <summary>The model: a folder, a name of the catalog, or a repository.</summary>
    public required string Model { get; init; }

    /// <summary>How the model is loaded and run.</summary>
    public ModelOptions ModelOptions { get; init; } = new();

    /// <summary>The addresses listened at.</summary>
    public required IReadOnlyList<ListenAddress> Addresses { get; init; }

    /// <summary>The key that requests must have; <c>null</c>: none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The names by which the server may be called, besides loopback ones.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>The hosts whose pictures are fetched; none: pictures come in the request alone.</summary>
    public IReadOnlyList<string> ImageHosts { get; init; } = [];

    /// <summary>How long answers under way may take to finish once the server is told to stop.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much one request may ask for.</summary>
    public ServerLimits Limits { get; init; } = new();

    /// <summary>Whether only this machine reaches the server.</summary>
    public bool IsLoopback => Addresses.All(address => address.IsLoopback);
}
