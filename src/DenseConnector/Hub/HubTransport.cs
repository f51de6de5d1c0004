using System.Net;
using System.Net.Http.Headers;

namespace DenseConnector.Hub;

/// <summary>
/// Sends single requests to the hub: follows redirects by hand, keeps the token to the hub's own host, and turns every
/// failure into a <see cref="HubException"/>.
/// </summary>
/// <remarks>Thread-safe. Whoever creates it disposes it.</remarks>
internal sealed class HubTransport : IDisposable
{
    private const int MaxRedirects = 10;
    private const string LinkedHash = "X-Linked-ETag";

    private readonly HubSettings _settings;
    private readonly HttpClient _client;
    private volatile bool _reached;

    /// <summary>Prepares to talk to the hub that the settings name; no connection is made.</summary>
    public HubTransport(HubSettings settings)
    {
        _settings = settings;

        // Redirects by hand: the handler's own would not say which answer came from the hub. No decompression: lengths
        // and ranges are those of the file. No cookies: nothing but the token identifies the user.
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = settings.StallTimeout,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        string version = typeof(HubTransport).Assembly.GetName().Version!.ToString(3);
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("denseconnector", version));
        _client.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>The address below the hub's, its parts escaped.</summary>
    public Uri Address(params IEnumerable<string> parts) =>
        new(_settings.Endpoint.AbsoluteUri.TrimEnd('/') + '/' + string.Join('/', parts.Select(Uri.EscapeDataString)));

    /// <summary>Sends a request and gives the answer, a success whose body is not read yet.</summary>
    /// <param name="method">
    /// GET; or HEAD, which is not redirected once the hub has named the file's hash.
    /// </param>
    /// <param name="address">Where to.</param>
    /// <param name="subject">What is asked for, for errors.</param>
    /// <param name="start">The first byte wanted; 0 for the whole file.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="HubException">The server cannot be reached or refuses.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, HubSubject subject, long start, CancellationToken cancellation)
    {
        for (int hop = 0; hop <= MaxRedirects; hop++)
        {
            HttpResponseMessage response =
                await SendOnceAsync(method, address, subject, start, cancellation).ConfigureAwait(false);
            bool isRedirect = (int)response.StatusCode is 301 or 302 or 303 or 307 or 308;
            if (response.IsSuccessStatusCode ||
                (isRedirect && method == HttpMethod.Head && response.Headers.Contains(LinkedHash)) ||
                response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return response;
            }

            using (response)
            {
                if (!isRedirect)
                {
                    throw HubErrors.Refused(
                        subject.Repository,
                        subject.Revision,
                        subject.File,
                        response,
                        IsHub(address),
                        _settings.Token is not null);
                }

                address = FindTarget(address, response.Headers.Location, subject);
            }
        }

        throw HubErrors.Malformed(
            subject.Repository, subject.File, $"the server redirects more than {MaxRedirects} times.");
    }

    /// <summary>Reads some bytes of an answer's body; 0 at its end.</summary>
    /// <exception cref="HubException">The connection broke or the server fell silent.</exception>
    public async ValueTask<int> ReadAsync(
        Stream body, Memory<byte> buffer, Uri address, HubSubject subject, CancellationToken cancellation)
    {
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(_settings.StallTimeout);
        try
        {
            return await body.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsNetwork(e, cancellation))
        {
            throw HubErrors.Broken(subject.Repository, subject.File, address.Host, Explain(e), _reached);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, Uri address, HubSubject subject, long start, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(method, address);
        if (_settings.Token is string token && IsHub(address))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (start > 0)
        {
            request.Headers.Range = new RangeHeaderValue(start, null);
        }

        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(_settings.StallTimeout);
        try
        {
            HttpResponseMessage response = await _client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
            _reached = true;
            return response;
        }
        catch (Exception e) when (IsNetwork(e, cancellation))
        {
            throw HubErrors.Broken(subject.Repository, subject.File, address.Host, Explain(e), _reached);
        }
    }

    /// <summary>Whether an address is the hub itself: the same scheme, host and port.</summary>
    private bool IsHub(Uri address) =>
        Uri.Compare(
            address, _settings.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped,
            StringComparison.OrdinalIgnoreCase) == 0;

    private static Uri FindTarget(Uri from, Uri? location, HubSubject subject)
    {
        if (location is null || !Uri.TryCreate(from, location, out Uri? target) ||
            (target.Scheme != Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttp))
        {
            throw HubErrors.Malformed(subject.Repository, subject.File, "the server redirects to no web address.");
        }

        return from.Scheme == Uri.UriSchemeHttps && target.Scheme == Uri.UriSchemeHttp
            ? throw HubErrors.Malformed(
                subject.Repository, subject.File, $"the server redirects from https to plain http ({target.Host}).")
            : target;
    }

    private static bool IsNetwork(Exception e, CancellationToken cancellation) =>
        e is HttpRequestException or IOException ||
        (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    private Exception Explain(Exception e) => e is OperationCanceledException
        ? new TimeoutException($"no answer for {_settings.StallTimeout.TotalSeconds:F0} s", e)
        : e;
}
