using System.Net;
using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Serving;

/// <summary>An address to listen at, for example <c>http://127.0.0.1:5000</c>.</summary>
/// <param name="Url">The address as written.</param>
/// <param name="IsLoopback">Whether only this machine reaches it.</param>
internal sealed record ListenAddress(string Url, bool IsLoopback)
{
    /// <summary>Reads addresses with semicolons between them.</summary>
    /// <exception cref="ArgumentException">One is not of the form, or wants HTTPS.</exception>
    public static IReadOnlyList<ListenAddress> ParseAll(string urls) =>
        [.. urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];

    private static ListenAddress Parse(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            throw Malformed(url, "expected the form http://127.0.0.1:5000.");
        }

        return address switch
        {
            { Scheme: "https" } => throw Malformed(
                url, "but the server speaks plain HTTP; put a proxy that ends TLS in front of it."),
            { Scheme: not "http" } or { PathBase.Length: > 0 } or { IsUnixPipe: true } or { IsNamedPipe: true } =>
                throw Malformed(url, "expected the form http://127.0.0.1:5000."),
            _ => new ListenAddress(url, IsLoopbackHost(address.Host)),
        };
    }

    private static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ||
        (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));

    private static ArgumentException Malformed(string url, string problem) => new($"--urls has '{url}', {problem}");
}
