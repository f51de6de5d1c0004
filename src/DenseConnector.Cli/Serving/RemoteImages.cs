using System.Net;
using System.Net.Sockets;

namespace DenseConnector.Cli.Serving;

/// <summary>Fetches pictures by HTTPS from hosts that are allowed by name, from public addresses alone.</summary>
/// <remarks>
/// Whoever asks chooses the address, so what a name stands for is checked when the connection is made, on the very
/// address that is connected to: a name may stand for another one a moment later. No redirect is followed, no proxy is
/// used, no cookie is kept.
/// </remarks>
internal sealed class RemoteImages : IDisposable
{
    private readonly IReadOnlyList<string> _hosts;
    private readonly long _maxBytes;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly Func<IPEndPoint, CancellationToken, Task<Stream>> _connect;
    private readonly HttpClient _http;

    /// <summary>Creates the client.</summary>
    /// <param name="hosts">The hosts that are allowed.</param>
    /// <param name="maxBytes">The most bytes of a picture.</param>
    /// <param name="resolve">Says what a name stands for; <c>null</c>: the system.</param>
    /// <param name="connect">Opens a connection; <c>null</c>: by TCP.</param>
    public RemoteImages(
        IReadOnlyList<string> hosts,
        long maxBytes,
        Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null,
        Func<IPEndPoint, CancellationToken, Task<Stream>>? connect = null)
    {
        _hosts = hosts;
        _maxBytes = maxBytes;
        _resolve = resolve ?? Dns.GetHostAddressesAsync;
        _connect = connect ?? ConnectAsync;
        Handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = async (context, cancellation) =>
                await ConnectAsync(context.DnsEndPoint, cancellation),
        };
        _http = new HttpClient(Handler);
    }

    /// <summary>What speaks HTTP; tests let it trust their certificate.</summary>
    internal SocketsHttpHandler Handler { get; }

    /// <summary>Whether an address is one of the hosts', at HTTPS's own port, with no name or password in it.</summary>
    public static bool IsAllowed(Uri uri, IReadOnlyList<string> hosts) =>
        uri is { Scheme: "https", IsDefaultPort: true, UserInfo.Length: 0 } &&
        hosts.Contains(uri.IdnHost, StringComparer.OrdinalIgnoreCase);

    /// <summary>Opens a picture.</summary>
    /// <exception cref="HttpRequestException">It cannot be fetched, or may not be.</exception>
    public async Task<Stream> OpenAsync(Uri uri, CancellationToken cancellationToken)
    {
        if (!IsAllowed(uri, _hosts))
        {
            throw new HttpRequestException("the host is not allowed.");
        }

        HttpResponseMessage response = await _http.GetAsync(
            uri, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.OK && !(response.Content.Headers.ContentLength > _maxBytes))
        {
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        }

        using (response)
        {
            int status = (int)response.StatusCode;
            throw new HttpRequestException(status switch
            {
                200 => $"it has {response.Content.Headers.ContentLength} bytes, the most are {_maxBytes}.",
                >= 300 and < 400 => $"the host answered with {status}; redirects are not followed.",
                _ => $"the host answered with {status}.",
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<Stream> ConnectAsync(DnsEndPoint host, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await _resolve(host.Host, cancellationToken);

        // One address inside is enough to tell that the name is not of the public internet.
        if (addresses.Length == 0 || !addresses.All(PublicAddress.Is))
        {
            throw new HttpRequestException("the host has no public address.");
        }

        // Not every network has IPv6, and most hosts have both.
        IPAddress address = addresses.MinBy(one => one.AddressFamily == AddressFamily.InterNetworkV6)!;
        return await _connect(new IPEndPoint(address, host.Port), cancellationToken);
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
