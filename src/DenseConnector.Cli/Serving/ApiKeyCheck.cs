using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Serving;

/// <summary>
/// Lets only requests with the server's key through, except to endpoints that are open to all; also to addresses that
/// do not exist, so that nobody without the key learns which do.
/// </summary>
/// <param name="next">The rest of the server.</param>
/// <param name="settings">Says the key.</param>
internal sealed class ApiKeyCheck(RequestDelegate next, ServerSettings settings)
{
    private const string Scheme = "Bearer ";

    // Hashes are of one length: a comparison takes the same time whatever is sent.
    private readonly byte[]? _hash = settings.ApiKey is string key ? Hash(key) : null;

    /// <summary>Handles one request.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        bool isOpen = http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;
        if (_hash is null || isOpen || IsKey(http.Request.Headers.Authorization.ToString()))
        {
            return next(http);
        }

        http.Response.Headers.WWWAuthenticate = "Bearer";
        throw new ApiException(
            StatusCodes.Status401Unauthorized,
            http.Request.Headers.Authorization.Count == 0
                ? "There is no API key; send the header 'Authorization: Bearer KEY'."
                : "The API key is not this server's.",
            code: "invalid_api_key");
    }

    private bool IsKey(string header)
    {
        string sent = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..] : "";
        return CryptographicOperations.FixedTimeEquals(Hash(sent), _hash);
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
