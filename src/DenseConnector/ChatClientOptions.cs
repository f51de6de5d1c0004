namespace DenseConnector;

/// <summary>What a chat client may read besides the bytes it is given, and how it reads pictures; immutable.</summary>
/// <remarks>
/// By default a message cannot make the client read anything: its pictures must come as <c>DataContent</c> (bytes or a
/// <c>data:</c> URI).
/// </remarks>
public sealed record ChatClientOptions
{
    /// <summary>
    /// Whether <c>UriContent</c> with a <c>file:</c> URI is read. Default <c>false</c>: whoever writes the messages
    /// could have any picture described that this process can read.
    /// </summary>
    public bool AllowFileUris { get; init; }

    /// <summary>
    /// Opens the picture behind an <c>https:</c> URI, for example with <c>HttpClient.GetStreamAsync</c>; the stream is
    /// disposed when it is read. Unset: such URIs are refused. No other scheme gets here.
    /// </summary>
    /// <remarks>
    /// Whoever writes the messages chooses the URI, so the function decides which hosts and addresses are allowed, and
    /// whether redirects are followed. It must heed its token, which ends it after <see cref="RemoteImageTimeout"/>.
    /// </remarks>
    public Func<Uri, CancellationToken, Task<Stream>>? OpenRemoteImage { get; init; }

    /// <summary>The most bytes read of one remote picture; default 20 MiB.</summary>
    public long MaxRemoteImageBytes
    {
        get;
        init => field = value >= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(MaxRemoteImageBytes), value, $"MaxRemoteImageBytes is {value}, expected at least 1 byte.");
    } = 20L << 20;

    /// <summary>The most time that opening and reading one remote picture may take; default 30 seconds.</summary>
    public TimeSpan RemoteImageTimeout
    {
        get;
        init => field = value > TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(RemoteImageTimeout),
                value,
                $"RemoteImageTimeout is {value}, expected more than zero and at most 24 days.");
    } = TimeSpan.FromSeconds(30);

    /// <summary>How pictures are decoded, and how large they may be.</summary>
    public ImageOptions Images
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Images));
    } = ImageOptions.Default;
}
