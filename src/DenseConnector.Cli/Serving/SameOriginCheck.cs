using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Serving;

/// <summary>
/// Keeps web pages of others from using the server by a visitor's browser: a request's host must be one of the
/// server's names, and a page's request must come from a page of the same host.
/// </summary>
/// <remarks>
/// The first keeps out names that were made to point here (DNS rebinding), the second requests that browsers send
/// without asking. No CORS header is ever sent, so pages of others can read nothing either.
/// </remarks>
/// <param name="next">The rest of the server.</param>
/// <param name="settings">Says the names.</param>
internal sealed class SameOriginCheck(RequestDelegate next, ServerSettings settings)
{
    private static readonly string[] LoopbackNames = ["localhost", "127.0.0.1", "[::1]"];

    private readonly HashSet<string> _hosts = new(
        [.. settings.AllowedHosts, .. LoopbackNames], StringComparer.OrdinalIgnoreCase);

    // Where others reach the server, its names are not known unless they are given.
    private readonly bool _anyHost = settings is { IsLoopback: false, AllowedHosts.Count: 0 };

    /// <summary>Handles one request.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        HostString host = http.Request.Host;
        if (!_anyHost && !_hosts.Contains(host.Host))
        {
            throw new ApiException(
                StatusCodes.Status400BadRequest,
                "The Host header is not one of the server's names; --allowed-host adds one.",
                code: "unknown_host");
        }

        string origin = http.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) &&
            page.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ApiException(
                StatusCodes.Status403Forbidden,
                "The request comes from a web page of another host; only the server's own page may use it.",
                code: "other_origin");
        }

        return next(http);
    }
}
