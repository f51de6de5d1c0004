namespace DenseConnector.Cli.Serving;

/// <summary>How much one request may ask for, and how many may wait.</summary>
internal sealed record ServerLimits
{
    /// <summary>The most requests that wait while others are answered; further ones are refused.</summary>
    public int MaxWaiting { get; init; } = 32;

    /// <summary>The most bytes of a request's body.</summary>
    public long MaxBodyBytes { get; init; } = 32L << 20;

    /// <summary>The most time a request's body may take to arrive.</summary>
    public TimeSpan BodyTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most time a picture may take to be fetched.</summary>
    public TimeSpan RemoteImageTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most pictures of a request, those of earlier turns included.</summary>
    public int MaxImages { get; init; } = 4;

    /// <summary>The most pixels of a picture.</summary>
    public long MaxPixels { get; init; } = 50_000_000;

    /// <summary>The most answers to one request (<c>n</c>).</summary>
    public int MaxAnswers { get; init; } = 4;

    /// <summary>The most tokens of an answer.</summary>
    public int MaxNewTokens { get; init; } = 4096;

    /// <summary>
    /// The most characters of a request's texts: what is far longer than any model reads is not worth tokenizing.
    /// </summary>
    public int MaxTextCharacters { get; init; } = 500_000;
}
